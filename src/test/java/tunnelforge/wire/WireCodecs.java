package tunnelforge.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.zip.CRC32;
import tunnelforge.fuzz.Codec;
import tunnelforge.fuzz.Input;
import tunnelforge.http.Fields;
import tunnelforge.http.Framing;
import tunnelforge.http.Heads;
import tunnelforge.http.HttpException;
import tunnelforge.http.ResponseHead;
import tunnelforge.json.JsonException;

/** Frames, the messages in them and beside them, and PROXY headers, for the fuzzer. */
public final class WireCodecs {
    private static final int BUFFER = 128 * 1024;
    /** As {@code json} and its typed messages need. */
    private static final int PER_OCTET_OF_JSON = 96;
    private static final String LIMITS = "{\"max_frame\":65536,\"initial_window\":65536,\"max_exchanges_per_connection\":100,\"max_exchanges\":1000}";
    private static final String REGISTER = "{\"type\":\"register_tunnel\",\"auth_token\":\"tf_1\",\"protocol\":\"tcp\",\"local_port\":0,\"options\":{\"subdomain\":\"fox\",\"hostname\":\"a.example\","
            + "\"auth\":\"u:p:q\",\"remote_port\":65535,\"compression\":false},\"agent_id\":\"a1\",\"agent_version\":\"1.0\",\"tunnel_id\":\"t1\",\"resume_token\":\"r1\"}";
    private static final String REGISTERED = "{\"type\":\"tunnel_registered\",\"tunnel_id\":\"t1\",\"url\":\"https://fox.example\",\"protocol\":\"http\",\"resume_token\":\"r1\","
            + "\"keep_alive_seconds\":20,\"pool\":{\"min\":3,\"max\":10},\"limits\":" + LIMITS + "}";
    private static final String HELLO = "{\"type\":\"data_connection\",\"tunnel_id\":\"t1\",\"connection_id\":\"c1\",\"encoding\":\"binary\",\"resend\":true,\"features\":[\"done\",\"x\"]}";
    private static final String ACCEPTED = "{\"type\":\"data_connection_accepted\",\"features\":[\"done\"],\"limits\":" + LIMITS + "}";
    private static final String OPEN = "{\"visitor_address\":\"2001:db8::1\",\"visitor_port\":1,\"public_address\":\"192.0.2.1\",\"public_port\":443,\"sni\":\"a.example\"}";
    private static final String LEFT = "{\"type\":\"visitor_left\",\"visitor_connection\":\"v1\"}";
    private static final String ERROR = "{\"type\":\"error\",\"code\":502,\"name\":\"TF-OVERLOADED\",\"message\":\"x\",\"retry\":true}";
    private static final String KEEP_ALIVE = "{\"type\":\"keep_alive\",\"tunnel_id\":\"t1\",\"sent_at\":-9223372036854775808}";
    private static final String REQUEST = "{\"type\":\"request\",\"request_id\":\"r1\",\"method\":\"POST\",\"path\":\"/a?b=\u00c3\u00a9\",\"headers\":{\"Host\":\"a\",\"Accept\":[\"x\",\"y\"],\"X-Octet\":\"\u00c3\u00bf\","
            + "\"Content-Length\":\"5\"},\"body\":\"SGVsbG8=\"}";
    private static final String RESPONSE = "{\"type\":\"response\",\"request_id\":\"r1\",\"status_code\":404,\"headers\":{\"Set-Cookie\":[\"a=1\",\"b=2\"],\"content-length\":[\"7\"]},\"body_follows\":true}";
    private static final String[] FIELDS = {"\"type\":\"", "null", "\"\"", "[]", "{}", "\"headers\":{}", "\"Content-Length\":\"-1\",", "\"Transfer-Encoding\":\"chunked\",",
            "\"body\":\"====\"", "\"a\\r\\nb\"", "\\u0000",
        "\"tunnel_id\":\"\",", "\"features\":[1],", "\u00c4\u0080"};
    private static final String SIGNATURE = "\r\n\r\n\0\r\nQUIT\n";

    private WireCodecs() {
    }

    public static List<Codec<?>> all() {
        return List.of(frames(), agentMessages(), serverMessages(),
            json("data-connection-hellos", DataConnectionHello::parse, HELLO, value -> assertEquals(value, DataConnectionHello.parse(value.toJson()))),
            json("data-connection-accepted", DataConnectionAccepted::parse, ACCEPTED, value -> assertEquals(value, DataConnectionAccepted.parse(value.toJson()))),
            json("session-opens", SessionOpen::parse, OPEN, value -> assertEquals(value, SessionOpen.parse(value.toJson()))),
            json("visitor-left", VisitorLeft::parse, LEFT, value -> assertEquals(value, VisitorLeft.parse(value.toJson()))),
            json("json-requests", JsonExchange::parseRequest, REQUEST, WireCodecs::checkRequest), json("json-answers", JsonExchange::parseAnswer, RESPONSE,
                    WireCodecs::checkAnswer).from(ERROR),
            proxyHeaders());
    }

    // ---- Messages. ----

    private static <T> Codec<T> json(String name, Codec.TextReading<T> reading, String text, Codec.Property<T> property) {
        return Codec.ofText(name, reading).from(text)
                .spicedWith(FIELDS)
                .refusesBy(JsonException.class).upTo(Limits.CONTROL_MESSAGE).allocates(0, PER_OCTET_OF_JSON).suchThat(property);
    }

    private static Codec<?> agentMessages() {
        return json("agent-messages", AgentMessage::parse, REGISTER, message -> {
            assertEquals(message, AgentMessage.parse(message.toJson()));
            if (message instanceof AgentMessage.RegisterTunnel register) {
                // Whatever the secrets are: they do not show.
                String resume = register.resumeToken() == null ? null : "another";
                assertEquals(register.toString(), new AgentMessage.RegisterTunnel("another", register.protocol(), register.localPort(), register.options(), "another",
                        register.agentVersion(), register.tunnelId(), resume).toString());
            }
        }).from(KEEP_ALIVE, "{\"type\":\"close_tunnel\",\"tunnel_id\":\"t1\"}", "{\"type\":\"new\"}");
    }

    private static Codec<?> serverMessages() {
        return json("server-messages", ServerMessage::parse, REGISTERED, message -> {
            assertEquals(message, ServerMessage.parse(message.toJson()));
            if (message instanceof ServerMessage.Error error) {
                error.asReset();
            }
        }).from(KEEP_ALIVE, ERROR, "{\"type\":\"drain\",\"reason\":\"shutdown\"}", "{\"type\":\"open_data_connection\",\"tunnel_id\":\"t1\",\"connection_id\":\"c1\"}",
            "{\"type\":\"new\"}");
    }

    private static void checkRequest(JsonExchange.Request read) throws JsonException {
        byte[] body = read.body();
        JsonExchange.Request again = JsonExchange.parseRequest(
                JsonExchange.request(read.requestId(), read.method(), read.path(), read.headers(), body, 0, body == null ? 0 : body.length, read.bodyFollows()));
        assertEquals(read.requestId() + read.method() + read.path() + read.bodyFollows(), again.requestId() + again.method() + again.path() + again.bodyFollows());
        assertArrayEquals(body, again.body());
        assertEquals(fields(read.headers()).size(), again.headers().size() / 2);
    }

    /** The head that the server makes of it can be read by those behind it. */
    private static void checkAnswer(JsonExchange.Answer answer) throws HttpException, JsonException {
        if (!(answer instanceof JsonExchange.Response read)) {
            return;
        }
        byte[] body = read.body();
        JsonExchange.Response again = JsonExchange.parseResponse(
                JsonExchange.response(read.requestId(), read.status(), read.headers(), body, 0, body == null ? 0 : body.length, read.bodyFollows()));
        assertEquals(read.requestId() + read.status() + read.bodyFollows(), again.requestId() + again.status() + again.bodyFollows());
        assertArrayEquals(body, again.body());
        ResponseHead head = new ResponseHead(read.status(), "", 1, fields(read.headers()));
        byte[] written = new byte[Heads.length(head)];
        Heads.write(head, written, 0);
        ResponseHead parsed = Heads.response(written, 0, written.length);
        assertEquals(new Framing.Length(0), Framing.ofForwarded(new ResponseHead(200, "", 1, parsed.fields()), "GET"));
        for (int i = 0; i < head.fields().size(); i++) {
            assertEquals(head.fields().name(i) + head.fields().value(i), parsed.fields().name(i) + parsed.fields().value(i));
        }
    }

    private static Fields fields(List<String> lines) {
        Fields fields = new Fields();
        for (int i = 0; i < lines.size(); i += 2) {
            fields.add(lines.get(i), lines.get(i + 1));
        }
        return fields;
    }

    // ---- Frames. ----

    /** A frame, and what its payload says. */
    private record Frame(int id, int type, int length, long crc, Object payload) {
    }

    private static Codec<?> frames() {
        FrameBuffer all = new FrameBuffer(1024);
        all.message(0, HELLO);
        all.message(0, ACCEPTED);
        frame(all, 1, FrameType.REQUEST, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        frame(all, 1, FrameType.RESPONSE, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
        frame(all, 1, FrameType.DATA, "hi");
        all.end(1);
        frame(all, 3, FrameType.END, "Sum: 1\r\n\r\n");
        all.reset(5, ResetCode.OVERLOADED, "too much");
        all.window(7, Integer.MAX_VALUE);
        all.ping(-1);
        all.pong(Long.MIN_VALUE);
        frame(all, 9, FrameType.OPEN, OPEN);
        all.done(9);
        all.drain();
        FrameBuffer messages = new FrameBuffer(1024);
        messages.message(1, REQUEST);
        messages.message(1, RESPONSE);
        messages.message(1, ERROR);
        messages.message(0, LEFT);
        return Codec.<Frame>ofStream("frames", WireCodecs::readFrames).from(Bytes.written(all), Bytes.written(messages), Bytes.hex("00000001 03 010000"),
                Bytes.hex("00000001 03 010001"), Bytes.hex("80000000 03 000000"),
            Bytes.hex("7fffffff 06 000004 80000000"), Bytes.hex("00000001 80 000000"), Bytes.hex("00000001 7f 010000"), Bytes.hex("00000000 00 010001"),
            Bytes.hex("00000005 05 000001 00"))
            .spicedWith("\0\0\0\u0001\u0003\0\0\u0001x", "\0\0\0\u0001\u0006\0\0\u0004\0\0\0\u0001", "\0\0\0\0\u0007\0\0\u0008xxxxxxxx", "\0\0\0\0\0\0\0\u0002{}",
            "\u0001\0\0").refusesBy(WireException.class, JsonException.class, HttpException.class, EOFException.class)
            // The first buffer, and what has arrived: doubled, and as whatever it is.
            .upTo(140 * 1024).allocates(64 * 1024, PER_OCTET_OF_JSON);
    }

    private static void frame(FrameBuffer to, int id, int type, String payload) {
        byte[] bytes = payload.getBytes(UTF_8);
        to.frame(id, type, bytes, 0, bytes.length);
    }

    private static void readFrames(Input in, Consumer<Frame> found) throws IOException {
        FrameReader reader = new FrameReader(in, BUFFER, Limits.MAX_MESSAGE_BINARY);
        while (reader.next()) {
            assertTrue(reader.length() <= FrameType.limit(reader.type(), Limits.MAX_MESSAGE_BINARY) && reader.id() >= 0 && reader.type() < FrameType.FIRST_CRITICAL);
            CRC32 crc = new CRC32();
            crc.update(reader.array(), reader.offset(), reader.length());
            found.accept(new Frame(reader.id(), reader.type(), reader.length(), crc.getValue(), payload(reader)));
            reader.nextIsBuffered();
        }
    }

    private static Object payload(FrameReader reader) throws IOException {
        byte[] b = reader.array();
        int off = reader.offset();
        int len = reader.length();
        return switch (reader.type()) {
            case FrameType.MESSAGE -> message(FrameBuffer.text(b, off, len));
            case FrameType.REQUEST -> Heads.forwardedRequest(b, off, len).method();
            case FrameType.RESPONSE -> Heads.response(b, off, len).status();
            case FrameType.END -> len == 0 ? "end" : Heads.fields(b, off, len).size();
            case FrameType.RESET -> ResetCode.of(FrameBuffer.resetCode(b, off, len)) + FrameBuffer.resetReason(b, off, len);
            case FrameType.WINDOW -> credit(FrameBuffer.window(b, off, len));
            case FrameType.PING, FrameType.PONG -> FrameBuffer.pingValue(b, off, len);
            case FrameType.OPEN -> SessionOpen.parse(FrameBuffer.text(b, off, len));
            default -> "";
        };
    }

    private static int credit(int credit) {
        assertTrue(credit > 0);
        return credit;
    }

    private static Object message(String text) throws JsonException {
        Function<Object, String> name = value -> value.getClass().getSimpleName();
        return switch (DataMessage.typeOf(text)) {
            case DataMessage.HELLO -> DataConnectionHello.parse(text);
            case DataMessage.ACCEPTED -> DataConnectionAccepted.parse(text);
            case DataMessage.VISITOR_LEFT -> VisitorLeft.parse(text);
            case DataMessage.REQUEST -> name.apply(JsonExchange.parseRequest(text));
            default -> name.apply(JsonExchange.parseAnswer(text));
        };
    }

    // ---- PROXY headers. ----

    private static Codec<?> proxyHeaders() {
        return Codec.<ProxyHeader>ofStream("proxy-headers", (in, found) -> {
            ProxyHeader header = ProxyHeader.read(in);
            // Not one octet of what follows.
            assertEquals(headerEnd(in), in.taken());
            found.accept(header);
        }).from("PROXY TCP4 192.0.2.1 203.0.113.7 56324 443\r\nGET /", "PROXY TCP6 2001:db8::1 ::1 0 65535\r\n\0", "PROXY UNKNOWN\r\nxx",
            "PROXY UNKNOWN ffff:f...f:ffff what ever 65535\r\n",
            "PROXY TCP6 ::ffff:1.2.3.4 2001:db8::1 1 2\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n", "PROXY \r\n" + "x".repeat(120),
            "PROXY UNKNOWN" + " ".repeat(100) + "\r\n",
            SIGNATURE + "!\u0011\0\u000c\u00c0\0\u0002\u0001\u00cb\0\u0071\u0007\u00dc\u0004\u0001\u00bbrest", SIGNATURE + "!!\0\u0024" + "\u0020\u0001\r\u00b8".repeat(8)
            + "\0\u0001\0\u0002",
            SIGNATURE + " \0\0\0rest", SIGNATURE + "!\0\u0002\u0018" + "x".repeat(536) + "rest", SIGNATURE + "!1\0\u00d8" + "\0".repeat(216), SIGNATURE
            + "!\u0011\0\u000f\u00c0\0\u0002\u0001\u00cb\0\u0071\u0007\u00dc\u0004\u0001\u00bb\u0003\0\0")
            .spicedWith(SIGNATURE, "PROXY ", "TCP4", "TCP6", "UNKNOWN", "\0\u000c", "\r\n")
            .refusesBy(ProxyHeaderException.class, EOFException.class).upTo(2_000).allocates(16 * 1024, 8, ProxyHeader.MAX_V2_REST)
            .suchThat(WireCodecs::checkProxy);
    }

    /** Where a header ends that has been accepted. */
    private static int headerEnd(Input in) {
        byte[] octets = in.octets();
        int end = 0;
        if (octets[0] == 'P') {
            while (octets[end++] != '\n') {
                // Up to the line's end.
            }
            return end;
        }
        return 16 + (octets[14] & 0xff) * 256 + (octets[15] & 0xff);
    }

    private static void checkProxy(ProxyHeader header) throws IOException {
        boolean told = header instanceof ProxyHeader.Proxied proxied && proxied.source().getAddress().length == proxied.destination().getAddress().length;
        for (byte[] written : List.of(header.v1(), header.v2())) {
            assertEquals(told ? header : ProxyHeader.UNKNOWN, ProxyHeader.read(new ByteArrayInputStream(written)));
        }
        assertTrue(header.v1().length <= ProxyHeader.MAX_V1);
    }
}
