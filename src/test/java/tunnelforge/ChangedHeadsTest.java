package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tunnelforge.agent.TestAgent;
import tunnelforge.agent.traffic.Traffic;
import tunnelforge.http.FieldChanges;

/** {@code --request-header-add} and its like, and {@code --server-timing}, as visitors and the local service see them. */
final class ChangedHeadsTest {
    private static final Traffic CHANGES = new Traffic(
            new FieldChanges(List.of("X-User", "X-Forwarded-Proto", "Accept-Encoding"), List.of(line("X-User", "eve"), line("X-Forwarded-Proto", "https"), line("Authorization", "Bearer t"))),
            new FieldChanges(List.of("Server", "Link", "Server-Timing"), List.of(line("Server", "mine"), line("X-Frame-Options", "DENY"))), true, true);

    private static TunnelFixture tunnel;

    private static FieldChanges.Line line(String name, String value) {
        return new FieldChanges.Line(name, value);
    }

    @BeforeAll
    static void start() throws Exception {
        TunnelFixture.Options options = new TunnelFixture.Options();
        options.agent().traffic(CHANGES).hostHeader("app.test");
        tunnel = TunnelFixture.start(options);
    }

    @AfterEach
    void settle() throws IOException {
        tunnel.settle();
    }

    @AfterAll
    static void stop() throws IOException {
        tunnel.close();
    }

    private Message asked(Peer visitor, Peer[] local, String... lines) throws Exception {
        visitor.send(tunnel.head("GET /", lines));
        local[0] = tunnel.service().accept();
        return local[0].readRequest();
    }

    /** The last word, also after what {@code --host-header} has done. */
    @Test
    void aRequestIsChangedForTheLocalService() throws Exception {
        Peer visitor = tunnel.visitor();
        Peer[] local = new Peer[1];
        Message request = asked(visitor, local, "X-User: admin", "x_user: admin", "Authorization: Basic eDp5", "Accept-Encoding: gzip", "X-Other: 1");
        assertEquals(List.of("eve"), request.all("X-User"));
        assertEquals(List.of(), request.all("x_user"));
        assertEquals(List.of("https"), request.all("X-Forwarded-Proto"));
        assertEquals(List.of("Basic eDp5", "Bearer t"), request.all("Authorization"));
        assertEquals(List.of("1", "app.test"), List.of(request.get("X-Other"), request.get("Host")));
        assertFalse(request.has("Accept-Encoding"));
        local[0].send("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2000\r\n\r\n" + "x".repeat(2000));
        assertEquals("gzip", visitor.readResponse().get("Content-Encoding"), "the visitor's own Accept-Encoding counts");
    }

    /** Some services take a trailer for a field of the head. */
    @Test
    void whatIsRemovedDoesNotComeAsATrailer() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("POST /", "Transfer-Encoding: chunked", "TE: trailers", "Trailer: X-User, X-Sum") + "1\r\na\r\n0\r\nX-User: admin\r\nX_USER: admin\r\nX-Sum: 7\r\n\r\n");
        Message request = tunnel.service().accept().readRequest();
        assertEquals(List.of("X-Sum"), request.trailerNames());
    }

    @Test
    void aResponseIsChangedForTheVisitor() throws Exception {
        Peer visitor = tunnel.visitor();
        Peer[] local = new Peer[1];
        asked(visitor, local);
        local[0].send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nX-Hint: 1\r\n\r\nHTTP/1.1 404 Not Found\r\nServer: theirs\r\nServer-Timing: db;dur=1\r\nX-Frame-Options: SAMEORIGIN\r\nContent-Length: 2\r\n\r\nno");
        Message hint = visitor.readResponseHead();
        assertEquals(List.of(103, "1"), List.of(hint.status(), hint.get("X-Hint")));
        assertFalse(hint.has("Link") || hint.has("X-Frame-Options") || hint.has("Server-Timing"), hint.head());
        Message response = visitor.readResponse();
        assertEquals(List.of("mine"), response.all("Server"));
        assertEquals(List.of("SAMEORIGIN", "DENY"), response.all("X-Frame-Options"));
        assertEquals(1, response.all("Server-Timing").size(), "theirs is gone, ours is not");
        assertEquals("no", response.text());
    }

    @Test
    void soIsTheHeadOfASession() throws Exception {
        Peer visitor = tunnel.visitor();
        Peer[] local = new Peer[1];
        Message request = asked(visitor, local, "Connection: upgrade", "Upgrade: chat");
        assertEquals(List.of("eve", "chat"), List.of(request.get("X-User"), request.get("Upgrade")));
        local[0].send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: chat\r\nServer: theirs\r\n\r\nhello");
        Message switching = visitor.readResponseHead();
        assertEquals(List.of("mine", "DENY", "chat"), List.of(switching.get("Server"), switching.get("X-Frame-Options"), switching.get("Upgrade")));
        assertEquals("hello", visitor.readText(5));
    }

    /** As many lines as a local service may send leave room; more than fit into a frame are an error of this answer alone. */
    @Test
    void aHeadFullOfLinesIsServedOrRefused() throws Exception {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 198; i++) {
            lines.append("X-").append(i).append(": 1\r\n");
        }
        Peer visitor = tunnel.visitor();
        Peer[] local = new Peer[1];
        asked(visitor, local);
        local[0].send("HTTP/1.1 200 OK\r\n" + lines + "Content-Length: 2\r\nX-Last: 1\r\n\r\nok");
        assertEquals("ok", visitor.readResponse().text());
        FieldChanges many = new FieldChanges(List.of(), List.of(line("A", "1"), line("A", "2"), line("A", "3")).stream().flatMap(each -> java.util.stream.Stream.generate(() -> each).limit(10)).toList());
        TestAgent agent = tunnel.startAgent("127.0.0.1:" + tunnel.service().port(), new TestAgent.Options().subdomain("many").traffic(new Traffic(FieldChanges.NONE, many, false, false)));
        agent.url();
        Peer other = tunnel.visitor("many.tunnel.localhost");
        other.send(tunnel.head("GET /").replace("Host: " + tunnel.host(), "Host: many.tunnel.localhost"));
        Peer behind = tunnel.service().accept();
        behind.readRequest();
        behind.send("HTTP/1.1 200 OK\r\n" + lines + "Content-Length: 2\r\n\r\nok");
        Message refused = other.readResponse();
        assertEquals("TF-UPSTREAM-INVALID", refused.get("TunnelForge-Error"));
        assertTrue(refused.text().contains("229 field lines with those of --response-header-add, over 212"), refused.text());
        agent.close();
    }

    @Test
    void theTimeOfTheLocalServiceIsTold() throws Exception {
        TestAgent agent = tunnel.startAgent("127.0.0.1:" + tunnel.service().port(), new TestAgent.Options().subdomain("timed").traffic(new Traffic(FieldChanges.NONE, FieldChanges.NONE, false, true)));
        String host = URI.create(agent.url()).getHost();
        Peer visitor = tunnel.visitor(host);
        visitor.send(tunnel.head("GET /").replace("Host: " + tunnel.host(), "Host: " + host));
        Peer local = tunnel.service().accept();
        local.readRequest();
        local.send("HTTP/1.1 304 Not Modified\r\nServer-Timing: db;dur=5\r\n\r\n");
        List<String> told = visitor.readResponse().all("Server-Timing");
        assertEquals("db;dur=5", told.getFirst());
        assertTrue(told.getLast().matches("upstream;dur=[0-9]+\\.[0-9]"), told.toString());
        assertEquals(2, told.size());
        agent.close();
    }

    @Test
    void theResponsesOfADirectoryAreChanged(@TempDir Path root) throws Exception {
        Files.writeString(root.resolve("a.txt"), "hello");
        Traffic traffic = new Traffic(FieldChanges.NONE, new FieldChanges(List.of("Last-Modified"), List.of(line("Cache-Control", "no-cache"))), false, true);
        TestAgent files = tunnel.startAgent(root.toUri().toString(), new TestAgent.Options().subdomain("dir").traffic(traffic));
        files.url();
        Message response = tunnel.visitor("dir.tunnel.localhost").send(tunnel.head("GET /a.txt").replace("Host: " + tunnel.host(), "Host: dir.tunnel.localhost")).readResponse();
        assertEquals(List.of("no-cache", "hello"), List.of(response.get("Cache-Control"), response.text()));
        assertFalse(response.has("Last-Modified"));
        assertTrue(response.has("Server-Timing"));
        files.close();
    }
}
