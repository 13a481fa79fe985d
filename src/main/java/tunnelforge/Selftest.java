package tunnelforge;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import tunnelforge.agent.AgentMain;
import tunnelforge.cli.Command;
import tunnelforge.cli.CommandLine;
import tunnelforge.cli.CommonOptions;
import tunnelforge.cli.ExitException;
import tunnelforge.cli.Option;
import tunnelforge.cli.UsageException;
import tunnelforge.log.Log;
import tunnelforge.net.Pem;
import tunnelforge.net.ServerTrust;
import tunnelforge.server.Server;
import tunnelforge.server.ServerMain;
import tunnelforge.server.admin.AdminConfig;
import tunnelforge.server.admin.AdminPort;

/**
 * A server, an agent, a sample service and a visitor in one process: whether all of it works here. Beside that it is what a start-up archive is trained with: it
 * loads what a server and an agent load.
 */
final class Selftest implements Command {
    private static final int FAILED = 1;
    private static final String NAME = "selftest";
    private static final String HOST = NAME + ".tunnel.localhost";
    private static final int TIMEOUT_MILLIS = 10_000;
    private static final int LARGE = 1_000_000;
    private static final int TRIES = 200;
    private static final int PAUSE_MILLIS = 20;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String summary() {
        return "try a server, an agent, requests and a WebSocket in this process";
    }

    @Override
    public List<Option> options() {
        return List.of(CommonOptions.LOG_LEVEL);
    }

    @Override
    public int run(CommandLine line) throws UsageException, ExitException, IOException {
        Path state = Files.createTempDirectory("tunnelforge-selftest");
        try (SampleService service = new SampleService()) {
            List<String> common = List.of("--state-dir", state.toString(), "--log-level", line.value("--log-level", "error"));
            try (Server server = ServerMain.start(with(common, "--port", "0", "--bind", "127.0.0.1", "--http-port", "0"));
                    AgentMain.Running agent = AgentMain.start(agent(with(common, "127.0.0.1:" + service.port(), "--subdomain", NAME), server));
                    AdminPort admin = AdminPort.open(new AdminConfig(InetAddress.getLoopbackAddress(), 0, Set.of(), null), server.observed(),
                            Log.to(System.err, Log.Format.TEXT, Log.Level.ERROR))) {
                visit(server);
                require("the admin port", metrics(admin).contains("\ntunnelforge_requests_total{status=\"2xx\"} "));
            }
        } finally {
            delete(state);
        }
        System.out.println("OK");
        return 0;
    }

    /** Nothing that the environment says of another server is to matter. */
    private static List<String> agent(List<String> words, Server server) {
        return Stream.concat(words.stream(), server.agentOptions().stream()).toList();
    }

    private static List<String> with(List<String> common, String... words) {
        return Stream.concat(Stream.of(words), common.stream()).toList();
    }

    private static void visit(Server server) throws IOException, ExitException {
        SSLContext trust = ServerTrust.context(new ServerTrust(Pem.certificates(server.caFile()), List.of(), "127.0.0.1"));
        awaitTunnel(trust, server.port());
        require("a request", get(trust, server.port(), "/").endsWith("\r\n\r\n" + SampleService.HELLO));
        require("a large answer", get(trust, server.port(), "/large").length() > LARGE);
        require("an upload", post(trust, server.port()).endsWith("\r\n\r\n" + LARGE));
        require("a WebSocket", echo(trust, server.port()).equals(SampleService.HELLO));
    }

    private static void require(String what, boolean works) throws ExitException {
        if (!works) {
            throw new ExitException(FAILED, what + " does not get through the tunnel");
        }
    }

    /** The agent registers meanwhile. */
    private static void awaitTunnel(SSLContext trust, int port) throws IOException, ExitException {
        for (int i = 0; i < TRIES; i++) {
            if (get(trust, port, "/").startsWith("HTTP/1.1 200 ")) {
                return;
            }
            try {
                Thread.sleep(PAUSE_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
        }
        throw new ExitException(FAILED, "the agent gets no tunnel");
    }

    private static Socket connect(SSLContext trust, int port, String requestLine, String fields) throws IOException {
        Socket socket = trust.getSocketFactory().createSocket("127.0.0.1", port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        send(socket, (requestLine + " HTTP/1.1\r\nHost: " + HOST + ":" + port + "\r\n" + fields + "\r\n").getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private static void send(Socket socket, byte[] bytes) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(bytes);
        out.flush();
    }

    private static String get(SSLContext trust, int port, String path) throws IOException {
        try (Socket socket = connect(trust, port, "GET " + path, "Connection: close\r\n")) {
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    private static String metrics(AdminPort admin) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", admin.port())) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            send(socket, "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    private static String post(SSLContext trust, int port) throws IOException {
        try (Socket socket = connect(trust, port, "POST /count", "Connection: close\r\nContent-Length: " + LARGE + "\r\n")) {
            send(socket, new byte[LARGE]);
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    /** One text frame there and back. */
    private static String echo(SSLContext trust, int port) throws IOException {
        String fields = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        try (Socket socket = connect(trust, port, "GET /echo", fields)) {
            InputStream in = socket.getInputStream();
            if (!SampleService.head(in).startsWith("HTTP/1.1 101 ")) {
                return "";
            }
            // Masked with zeros: FIN and text, masked and the length, the mask.
            byte[] text = SampleService.HELLO.getBytes(StandardCharsets.US_ASCII);
            send(socket, SampleService.concat(new byte[] {(byte) 0x81, (byte) (0x80 | text.length), 0, 0, 0, 0}, text));
            byte[] frame = in.readNBytes(2 + text.length);
            return new String(frame, 2, Math.max(0, frame.length - 2), StandardCharsets.US_ASCII);
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
        }
    }
}
