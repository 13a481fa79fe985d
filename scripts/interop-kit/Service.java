import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Executors;

/**
 * A local service made with the JDK's own server, nothing of the project in it. /file answers with a file, /chunked with the same and no
 * length, /small with its first 1,000 bytes, /echo with what was sent to it, in the same framing.
 *
 * <pre>java Service PORT FILE</pre>
 */
final class Service {
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final int UNKNOWN = 0;
    private static final int NONE = -1;
    private static final int SMALL_BYTES = 1_000;
    private static final int BACKLOG = 200;

    private final byte[] file;

    private Service(byte[] file) {
        this.file = file;
    }

    /**
     * Runs the service until it is killed.
     *
     * @param args the port and the file
     * @throws IOException when the port or the file cannot be had
     */
    public static void main(String[] args) throws IOException {
        Service service = new Service(Files.readAllBytes(Path.of(args[1])));
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0])), BACKLOG);
        server.createContext("/", service::answer);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] sent = exchange.getRequestBody().readAllBytes();
            boolean chunked = exchange.getRequestHeaders().containsKey("Transfer-Encoding");
            switch (exchange.getRequestURI().getPath()) {
                case "/file" -> send(exchange, OK, file, false);
                case "/chunked" -> send(exchange, OK, file, true);
                case "/small" -> send(exchange, OK, Arrays.copyOf(file, SMALL_BYTES), false);
                case "/echo" -> send(exchange, OK, sent, chunked);
                default -> send(exchange, NOT_FOUND, new byte[0], false);
            }
        }
    }

    private static void send(HttpExchange exchange, int status, byte[] body, boolean chunked) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/octet-stream");
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", String.valueOf(body.length));
            exchange.sendResponseHeaders(status, NONE);
            return;
        }
        exchange.sendResponseHeaders(status, chunked ? UNKNOWN : body.length == 0 ? NONE : body.length);
        if (chunked || body.length > 0) {
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        }
    }
}
