package tunnelforge.smuggling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tunnelforge.Message;
import tunnelforge.Peer;
import tunnelforge.TunnelFixture;
import tunnelforge.agent.TestAgent;
import tunnelforge.smuggling.ServiceProcess.Seen;

/**
 * What two readers have been known to read differently, {@code requests.txt}, is refused or has one reading: what the visitor is answered, what Node sees and what Python sees are
 * the same requests. And whoever comes next, on the same local connection, gets an answer of its own.
 */
final class SmuggledRequestsTest {
    private static final String FILE = "requests.txt";
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static TunnelFixture tunnel;
    private static Behind node;
    private static Behind python;

    /** A tunnel to a service. */
    private record Behind(ServiceProcess service, URI url) {
        static Behind start(String command, String file, String name) throws Exception {
            ServiceProcess service = new ServiceProcess(command, file);
            return new Behind(service, URI.create(tunnel.startAgent("127.0.0.1:" + service.port(), new TestAgent.Options().subdomain(name)).url()));
        }

        String head(String methodAndTarget) {
            return methodAndTarget + " HTTP/1.1\r\nHost: " + url.getRawAuthority() + "\r\n\r\n";
        }

        Map<String, String> values(String target) {
            String smuggled = head("GET /smuggled");
            String next = head("GET /next");
            Map<String, String> values = new HashMap<>();
            values.put("t", target);
            values.put("host", url.getHost());
            values.put("port", String.valueOf(url.getPort()));
            values.put("authority", url.getRawAuthority());
            values.put("Host", "Host: " + url.getRawAuthority() + "\r\n");
            values.put("smuggled", smuggled);
            values.put("smuggled.length", String.valueOf(smuggled.length()));
            values.put("smuggled.hex", Integer.toHexString(smuggled.length()));
            values.put("next", next);
            values.put("next.length", String.valueOf(next.length()));
            return values;
        }
    }

    @BeforeAll
    static void start() throws Exception {
        assumeTrue(ServiceProcess.runs("node", "--version"), "no node");
        assumeTrue(ServiceProcess.runs("python3", "-c", "import http.server"), "no python3");
        tunnel = TunnelFixture.start(new TunnelFixture.Options().withoutAgent());
        node = Behind.start("node", "service.mjs", "behind-node");
        python = Behind.start("python3", "service.py", "behind-snek");
    }

    @AfterAll
    static void stop() throws IOException {
        if (tunnel != null) {
            tunnel.close();
            node.service.close();
            python.service.close();
        }
    }

    /** One line of the file. */
    record Case(String kind, String odd, String expected, String bytes) {
        @Override
        public String toString() {
            return kind + ": " + odd;
        }
    }

    static Stream<Case> cases() {
        return Table.read(FILE, 4).stream().map(line -> new Case(line.get(0), line.get(1), line.get(2), line.get(3)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isRefusedOrHasOneReading(Case odd) throws Exception {
        String target = "/t" + NUMBER.incrementAndGet();
        assertEquals(seen(node, odd, target), seen(python, odd, target), "Node and Python have seen different requests");
    }

    @Test
    void thereAreMoreThanTwoHundred() {
        assertTrue(cases().count() > 200);
    }

    /** What the service has seen of the case, with all that is another in each request or tunnel taken out. */
    private static List<String> seen(Behind behind, Case odd, String target) throws Exception {
        Map<String, String> values = behind.values(target);
        behind.service.seen();
        List<String> expected = steps(Table.expand(odd.expected, values));
        Peer visitor = tunnel.visitor(behind.url.getHost());
        visitor.send(Table.expand(odd.bytes, values) + values.get("next"));
        visitor.finish();
        assertEquals(expected, answers(visitor, expected), "what the visitor was answered");

        Peer other = tunnel.visitor(behind.url.getHost());
        String own = target + "/own";
        assertEquals("GET " + own + ' ', other.send(behind.head("GET " + own)).readResponse().text(), "the next visitor's answer");
        other.close();

        // Of a request that was refused in its body, the head may come to the service at any time.
        List<Seen> all = behind.service.seen().stream().filter(each -> each.body() != null || !each.target().startsWith("/t")).toList();
        List<String> served = new ArrayList<>(expected.stream().filter(step -> !isStatus(step)).toList());
        served.add("GET " + own + ' ');
        assertEquals(served, all.stream().map(Seen::said).toList(), "what the service has seen");
        return all.stream().map(each -> comparable(each, behind.url.getHost())).toList();
    }

    /** Each as the local service's answer begins, or a status of the edge's own. */
    private static List<String> steps(String expected) {
        return Stream.of(expected.split(";")).map(SmuggledRequestsTest::withoutBlanksAround).map(step -> switch (step) {
            case "next" -> "GET /next ";
            case String status when isStatus(status) -> status;
            // A body may be empty, and end with anything but a blank.
            case String request when request.indexOf(' ') == request.lastIndexOf(' ') -> request + ' ';
            case String request -> request;
        }).toList();
    }

    private static String withoutBlanksAround(String text) {
        return text.replaceAll("^ +| +$", "");
    }

    private static boolean isStatus(String step) {
        return step.matches("[0-9]+");
    }

    private static List<String> answers(Peer visitor, List<String> expected) throws IOException {
        List<String> answers = new ArrayList<>();
        for (String head; (head = visitor.readHeadOrNull()) != null;) {
            Message answer = new Message(head);
            if (answer.status() < 200) {
                continue;
            }
            String step = answers.size() < expected.size() ? expected.get(answers.size()) : "";
            boolean bodiless = step.startsWith("HEAD ");
            if (!bodiless) {
                visitor.readBody(answer, true);
            }
            String said = new String(answer.body(), StandardCharsets.ISO_8859_1);
            answers.add(!answer.has("X-Served") ? String.valueOf(answer.status()) : bodiless ? step : said);
        }
        return answers;
    }

    private static String comparable(Seen seen, String host) {
        List<String> fields = seen.fields().stream().filter(line -> !line.startsWith("tunnelforge-")).sorted().toList();
        return (seen.said() + fields).replace(host, "{host}");
    }
}
