import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tunnelforge.http.Fields;
import tunnelforge.http.Framing;
import tunnelforge.http.HttpException;
import tunnelforge.http.HttpReader;
import tunnelforge.http.HttpWriter;
import tunnelforge.http.RequestHead;
import tunnelforge.http.ResponseHead;
import tunnelforge.json.JsonArray;
import tunnelforge.json.JsonObject;
import tunnelforge.json.JsonString;
import tunnelforge.json.JsonValue;
import tunnelforge.json.JsonWriter;
import tunnelforge.websocket.WebSocketHandshake;
import tunnelforge.websocket.WebSocketMessage;
import tunnelforge.websocket.WebSocketReader;
import tunnelforge.websocket.WebSocketWriter;

/**
 * A local service to put behind a tunnel: a page that uses fetch, a WebSocket and server-sent events. It listens on loopback only,
 * prints one line of JSON with its port, and runs until it is killed. One virtual thread per connection.
 *
 * <pre>java -cp build/tunnelforge.jar scripts/sample/SampleService.java [PORT [PAGE]]</pre>
 */
final class SampleService {
    private static final int SWITCHING = 101;
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final int MAX_HEAD_BYTES = 128 * 1024;
    private static final int MAX_BODY_BYTES = 1024 * 1024;
    private static final int BUFFER_BYTES = 16 * 1024;
    private static final int BACKLOG = 100;
    private static final Duration EVENT_EVERY = Duration.ofMillis(500);

    private final byte[] page;

    private SampleService(byte[] page) {
        this.page = page;
    }

    /**
     * Runs the service.
     *
     * @param args the port (0, which is the default, for any free one) and the page to serve
     * @throws IOException when the port or the page cannot be had
     */
    public static void main(String[] args) throws IOException {
        int port = args.length > 0 ? Integer.parseInt(args[0]) : 0;
        SampleService service = new SampleService(Files.readAllBytes(Path.of(args.length > 1 ? args[1] : "scripts/sample/page.html")));
        try (ServerSocket listener = new ServerSocket(port, BACKLOG, InetAddress.getLoopbackAddress())) {
            System.out.println("{\"event\":\"listening\",\"port\":" + listener.getLocalPort() + "}");
            while (true) {
                Socket socket = listener.accept();
                Thread.startVirtualThread(() -> service.serve(socket));
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            HttpReader reader = new HttpReader(socket.getInputStream(), BUFFER_BYTES);
            HttpWriter writer = new HttpWriter(socket.getOutputStream(), BUFFER_BYTES);
            for (RequestHead request = reader.readRequest(MAX_HEAD_BYTES); request != null; request = reader.readRequest(MAX_HEAD_BYTES)) {
                reader.startBody(Framing.ofRequest(request));
                byte[] body = body(reader);
                switch (request.target().split("\\?", 2)[0]) {
                    case "/" -> send(request, writer, OK, "text/html; charset=utf-8", page);
                    case "/echo" -> send(request, writer, OK, "application/octet-stream", body);
                    case "/request" -> send(request, writer, OK, "application/json", describe(request, socket));
                    case "/events" -> sendEvents(writer);
                    case "/socket" -> {
                        echoMessages(request, reader, writer, socket.getOutputStream());
                        return;
                    }
                    default -> send(request, writer, NOT_FOUND, "text/plain", "there is nothing here\n".getBytes(StandardCharsets.UTF_8));
                }
            }
        } catch (HttpException e) {
            System.err.println("sample service: a request that cannot be served: " + e.getMessage());
        } catch (IOException | InterruptedException e) {
            // Visitors leave when they like.
        }
    }

    private static byte[] body(HttpReader reader) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        byte[] piece = new byte[BUFFER_BYTES];
        for (int count = reader.readBody(piece, 0, piece.length); count >= 0; count = reader.readBody(piece, 0, piece.length)) {
            // What is too much is read and forgotten.
            body.write(piece, 0, Math.min(count, MAX_BODY_BYTES - body.size()));
        }
        return body.toByteArray();
    }

    private static void send(RequestHead request, HttpWriter writer, int status, String type, byte[] body) throws IOException {
        Fields fields = new Fields();
        fields.add("Content-Type", type);
        fields.add("Cache-Control", "no-store");
        fields.add("Content-Length", String.valueOf(body.length));
        writer.head(new ResponseHead(status, status == OK ? "OK" : "Not Found", 1, fields));
        if (!request.method().equals("HEAD")) {
            writer.startBody(new Framing.Length(body.length));
            writer.body(body, 0, body.length);
            writer.endBody(null);
        }
        writer.flush();
    }

    private static byte[] describe(RequestHead request, Socket socket) {
        List<JsonValue> fields = new ArrayList<>();
        for (int i = 0; i < request.fields().size(); i++) {
            fields.add(new JsonArray(List.of(new JsonString(request.fields().name(i)), new JsonString(request.fields().value(i)))));
        }
        JsonObject seen = JsonObject.builder().put("line", request.method() + " " + request.target())
                .put("local", "127.0.0.1:" + socket.getLocalPort()).put("fields", new JsonArray(fields)).build();
        return JsonWriter.write(seen).getBytes(StandardCharsets.UTF_8);
    }

    /** Until the visitor leaves, which a write finds out. */
    private static void sendEvents(HttpWriter writer) throws IOException, InterruptedException {
        Fields fields = new Fields();
        fields.add("Content-Type", "text/event-stream");
        fields.add("Cache-Control", "no-store");
        fields.add("Transfer-Encoding", "chunked");
        writer.head(new ResponseHead(OK, "OK", 1, fields));
        writer.startBody(Framing.CHUNKED);
        for (int number = 1;; number++) {
            String event = "data: {\"number\":" + number + ",\"sent_us\":" + System.nanoTime() / 1000 + "}\n\n";
            byte[] bytes = event.getBytes(StandardCharsets.UTF_8);
            writer.body(bytes, 0, bytes.length);
            writer.flush();
            Thread.sleep(EVENT_EVERY);
        }
    }

    private static void echoMessages(RequestHead request, HttpReader reader, HttpWriter writer, OutputStream out) throws IOException {
        String key = request.fields().get("Sec-WebSocket-Key");
        if (!request.fields().hasToken("Upgrade", "websocket") || !WebSocketHandshake.isValidKey(key)) {
            send(request, writer, NOT_FOUND, "text/plain", "a WebSocket is spoken here\n".getBytes(StandardCharsets.UTF_8));
            return;
        }
        Fields fields = new Fields();
        fields.add("Connection", "Upgrade");
        fields.add("Upgrade", "websocket");
        fields.add("Sec-WebSocket-Accept", WebSocketHandshake.accept(key));
        writer.head(new ResponseHead(SWITCHING, "Switching Protocols", 1, fields));
        writer.flush();
        WebSocketReader messages = new WebSocketReader(reader.rawStream(), MAX_BODY_BYTES);
        WebSocketWriter echo = new WebSocketWriter(out);
        while (true) {
            switch (messages.read()) {
                case WebSocketMessage.Text text -> echo.text(text.text());
                case WebSocketMessage.Binary binary -> echo.binary(binary.bytes(), 0, binary.bytes().length);
                case WebSocketMessage.Ping ping -> echo.pong(ping.payload());
                case WebSocketMessage.Pong pong -> { }
                case WebSocketMessage.Close close -> {
                    echo.close(close.code(), close.reason());
                    return;
                }
            }
        }
    }
}
