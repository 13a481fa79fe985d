package tunnelforge.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tunnelforge.json.JsonObject;
import tunnelforge.json.JsonReader;

/** PROTOCOL.md says what the code does: its examples are read by the code, its tables compared with it. */
class ProtocolDocumentTest {
    private static final Pattern CAPTION = Pattern.compile("(agent|server) to (agent|server): (\\w+), id (\\d+), (\\d+) bytes");
    private static final Pattern FENCE = Pattern.compile("```(\\w+)\n(.*?)\n```", Pattern.DOTALL);

    private final String document = read();

    private static String read() {
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            Path file = at.resolve("PROTOCOL.md");
            if (Files.exists(file)) {
                try {
                    return Files.readString(file);
                } catch (IOException e) {
                    throw new AssertionError(file.toString(), e);
                }
            }
        }
        throw new AssertionError("PROTOCOL.md is neither here nor above");
    }

    private List<String> linesOf(String language) {
        List<String> lines = new ArrayList<>();
        Matcher fence = FENCE.matcher(document);
        while (fence.find()) {
            if (fence.group(1).equals(language)) {
                lines.addAll(fence.group(2).lines().toList());
            }
        }
        assertFalse(lines.isEmpty(), language);
        return lines;
    }

    /** The cells of each row of tables whose first cell matches. */
    private List<String[]> rows(String firstCell) {
        List<String[]> rows = new ArrayList<>();
        for (String line : document.lines().toList()) {
            if (line.startsWith("| ")) {
                String[] cells = line.substring(2).split(" \\| ?");
                if (cells[0].matches(firstCell)) {
                    rows.add(cells);
                }
            }
        }
        return rows;
    }

    /** What our own writer makes of the same exchange. */
    private static Map<String, FrameBuffer> expected() {
        FrameBuffer agent = new FrameBuffer(1024);
        agent.message(0, new DataConnectionHello("t-51c2", "5f0c2d9b7a814e36b1f0c8d7e6a5b493", DataEncoding.BINARY, false, List.of()).toJson());
        agent.window(1, 5);
        ascii(agent, 1, FrameType.RESPONSE, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n");
        ascii(agent, 1, FrameType.DATA, "Hi!");
        agent.end(1);
        agent.reset(2, ResetCode.UPSTREAM_TIMEOUT, "no answer within 30 s");
        agent.pong(0x0102030405060708L);
        agent.message(0, new DataConnectionHello("t-7a03", "9e1d4c60b2f84d53a7c1e05f9b38d266", DataEncoding.BINARY, false, List.of("done")).toJson());
        ascii(agent, 1, FrameType.DATA, "220 ready\r\n");
        agent.end(1);
        agent.done(1);
        FrameBuffer server = new FrameBuffer(1024);
        server.message(0, new DataConnectionAccepted(List.of(), new TunnelLimits(65_536, 65_536, 100, 1000)).toJson());
        ascii(server, 1, FrameType.REQUEST, "POST /greet HTTP/1.1\r\ntunnelforge-request-id: 7be1c94d20f84a6f93d5a1b2c3d4e5f6\r\n"
                + "Host: quick-fox.tunnel.example.com\r\nContent-Length: 5\r\n\r\n");
        ascii(server, 1, FrameType.DATA, "Hello");
        server.end(1);
        server.window(1, 3);
        ascii(server, 2, FrameType.REQUEST, "GET /slow HTTP/1.1\r\ntunnelforge-request-id: c0ffee4d20f84a6f93d5a1b2c3d4e5f7\r\n"
                + "Host: quick-fox.tunnel.example.com\r\n\r\n");
        server.end(2);
        server.ping(0x0102030405060708L);
        server.message(0, new DataConnectionAccepted(List.of("done"), new TunnelLimits(65_536, 65_536, 100, 1000)).toJson());
        ascii(server, 1, FrameType.OPEN, new SessionOpen("203.0.113.9", 51_200, "198.51.100.7", 20_004, null).toJson());
        ascii(server, 1, FrameType.DATA, "QUIT\r\n");
        server.end(1);
        server.done(1);
        return Map.of("agent", agent, "server", server);
    }

    private static void ascii(FrameBuffer frames, int id, int type, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        frames.frame(id, type, bytes, 0, bytes.length);
    }

    @Test
    void workedExampleIsWhatTheCodeReadsAndWrites() throws IOException {
        Map<String, ByteArrayOutputStream> bytes = new LinkedHashMap<>();
        Map<String, List<String>> captions = new LinkedHashMap<>();
        String from = null;
        for (String line : linesOf("text")) {
            Matcher caption = CAPTION.matcher(line);
            if (caption.matches()) {
                from = caption.group(1);
                bytes.computeIfAbsent(from, f -> new ByteArrayOutputStream());
                captions.computeIfAbsent(from, f -> new ArrayList<>())
                        .add(caption.group(3) + " " + caption.group(4) + " " + caption.group(5));
            } else {
                bytes.get(from).write(Bytes.hex(line.substring(0, line.indexOf('|'))));
            }
        }
        Set<String> seen = new HashSet<>();
        for (String side : List.of("agent", "server")) {
            byte[] stream = bytes.get(side).toByteArray();
            FrameReader frames = new FrameReader(new ByteArrayInputStream(stream), 64, Limits.HELLO_MESSAGE);
            List<String> read = new ArrayList<>();
            while (frames.next()) {
                read.add(FrameType.name(frames.type()) + " " + frames.id() + " " + frames.length());
                seen.add(FrameType.name(frames.type()));
            }
            assertEquals(captions.get(side), read);
            assertArrayEquals(Bytes.written(expected().get(side)), stream, side);
        }
        assertEquals(Set.of("MESSAGE", "REQUEST", "RESPONSE", "DATA", "END", "WINDOW", "RESET", "PING", "PONG", "OPEN", "DONE"), seen);
    }

    @Test
    void textBesideTheBytesShowsThem() {
        for (String line : linesOf("text")) {
            if (line.startsWith("  ")) {
                StringBuilder shown = new StringBuilder();
                for (byte b : Bytes.hex(line.substring(0, line.indexOf('|')))) {
                    shown.append(b >= ' ' && b < 0x7f && b != '|' ? (char) b : '.');
                }
                assertEquals("|" + shown + "|", line.substring(line.indexOf('|')));
            }
        }
    }

    @Test
    void everyJsonExampleIsReadAndWrittenAlike() throws IOException {
        Set<String> seen = new HashSet<>();
        for (String line : linesOf("json")) {
            JsonObject json = JsonReader.parseObject(line);
            String type = json.string("type", "open");
            seen.add(type);
            String written = switch (type) {
                case "register_tunnel", "close_tunnel" -> AgentMessage.parse(line).toJson();
                case "keep_alive" -> {
                    assertEquals(AgentMessage.parse(line).toJson(), ServerMessage.parse(line).toJson());
                    yield AgentMessage.parse(line).toJson();
                }
                case "tunnel_registered", "open_data_connection", "drain" -> ServerMessage.parse(line).toJson();
                case "error" -> json.has("retry") ? ServerMessage.Error.parse(line).toJson()
                        : ServerMessage.Error.parse(line).toJson().replace(",\"retry\":false", "");
                case "data_connection" -> DataConnectionHello.parse(line).toJson();
                case "data_connection_accepted" -> DataConnectionAccepted.parse(line).toJson();
                case "visitor_left" -> VisitorLeft.parse(line).toJson();
                case "open" -> SessionOpen.parse(line).toJson();
                case "request" -> {
                    JsonExchange.Request r = JsonExchange.parseRequest(line);
                    yield JsonExchange.request(r.requestId(), r.method(), r.path(), r.headers(), r.body(), 0, r.body().length, false);
                }
                case "response" -> {
                    JsonExchange.Response r = JsonExchange.parseResponse(line);
                    yield JsonExchange.response(r.requestId(), r.status(), r.headers(), r.body(), 0, r.body().length, false);
                }
                default -> throw new AssertionError(line);
            };
            assertEquals(line, written);
        }
        assertEquals(13, seen.size(), seen.toString());
    }

    @Test
    void frameTableHasTheLimitsOfTheCode() {
        List<String[]> rows = rows("\\d+").stream().filter(cells -> cells.length == 5).toList();
        assertEquals(FrameType.DONE + 1, rows.size());
        assertEquals("0", rows.get(FrameType.DONE)[2], "where it is known; its length is refused by whoever knows it");
        for (int type = 0; type < FrameType.DONE; type++) {
            String[] cells = rows.get(type);
            assertEquals(Integer.toString(type), cells[0]);
            assertEquals(FrameType.name(type), cells[1]);
            assertTrue(cells[2].startsWith(Integer.toString(FrameType.limit(type, Limits.HELLO_MESSAGE))), cells[2]);
        }
        assertTrue(rows.get(0)[2].contains(" " + Limits.MAX_MESSAGE_JSON + " (JSON)"));
        assertTrue(rows.get(0)[2].contains(" " + Limits.MAX_MESSAGE_BINARY + " (binary)"));
        assertTrue(document.contains("(at most " + Limits.MAX_UNKNOWN + " bytes) and ignored"));
    }

    @Test
    void resetTableHasTheCodesOfTheCode() {
        List<String[]> rows = rows("\\d+").stream().filter(cells -> cells.length == 3).toList();
        assertEquals(ResetCode.values().length, rows.size());
        for (ResetCode code : ResetCode.values()) {
            assertEquals(Integer.toString(code.code()), rows.get(code.code())[0]);
            assertEquals(code.name(), rows.get(code.code())[1]);
        }
    }

    @Test
    void errorTablesHaveTheNumbersOfTheCode() {
        Map<String, Integer> told = new LinkedHashMap<>();
        for (String[] cells : rows("`TF-.*`")) {
            told.put(cells[0].replace("`", ""), Integer.valueOf(cells[1].substring(0, 3)));
        }
        Map<String, Integer> known = new LinkedHashMap<>();
        for (TunnelError error : TunnelError.values()) {
            known.put(error.wireName(), error.status());
        }
        assertEquals(known, told);
    }
}
