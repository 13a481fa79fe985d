package tunnelforge.trials;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import tunnelforge.Peer;
import tunnelforge.json.JsonReader;
import tunnelforge.server.TestServer;

/** A server and an agent as programs, on loopback and free ports, and a local service in this JVM. */
final class Rig implements AutoCloseable {
    private static final String LABEL = "trial";
    static final String HOST = LABEL + "." + TestServer.DOMAIN;

    private final Path state;
    private final BulkService service;
    private final List<String> serverOptions;
    private final List<String> serverArguments;
    private Program server;
    private final LongPath path;
    private final List<String> agentOptions;
    private final String[] agentArguments;
    private final int port;
    private final int httpPort;
    private final int tcpPort;
    private final Doorway doorway;
    private final List<Program> moreAgents = new ArrayList<>();
    private Program agent;

    /**
     * @param roundTrip between agent and server; null for nothing but loopback
     * @param protocol http, https or tcp
     * @param localPort where the tunnel leads to, 0 for {@link #service}
     */
    private Rig(List<String> serverOptions, List<String> agentOptions, Duration roundTrip, String protocol, int localPort) throws Exception {
        state = TestServer.copyOfPrepared(TestServer.DOMAIN);
        service = new BulkService(0);
        this.serverOptions = serverOptions;
        serverArguments = new ArrayList<>(List.of("server", "--port", "0", "--bind", "127.0.0.1", "--state-dir", state.toString(),
                "--log-format", "json"));
        // Only where it is needed: with a second port there are fewer visitors for each.
        boolean plain = protocol.equals("http");
        if (plain) {
            serverArguments.addAll(List.of("--http-port", "0"));
        }
        server = Program.start(serverOptions, Map.of(), serverArguments.toArray(String[]::new));
        Matcher ports = server.await("\"event\":\"listening\".*\"port\":(\\d+)(?:.*\"http_port\":(\\d+))?");
        port = Integer.parseInt(ports.group(1));
        httpPort = plain ? Integer.parseInt(ports.group(2)) : 0;
        path = roundTrip == null ? null : new LongPath(port, roundTrip);
        List<String> arguments = new ArrayList<>();
        if (!protocol.equals("tcp")) {
            arguments.addAll(List.of("--subdomain", LABEL));
        }
        if (path != null) {
            arguments.addAll(List.of("--server", "localhost:" + path.port(), "--ca", state.resolve("ca.pem").toString(), "--token", token()));
        }
        this.agentOptions = agentOptions;
        this.agentArguments = agentArguments(protocol, localPort == 0 ? service.port() : localPort, arguments);
        agent = Program.start(agentOptions, Map.of(), agentArguments);
        tcpPort = tunnelPort(agent, protocol);
        doorway = new Doorway(state.resolve("ca.pem"), port);
    }

    private String[] agentArguments(String protocol, int localPort, List<String> more) {
        List<String> arguments = new ArrayList<>(List.of("agent", "127.0.0.1:" + localPort, "--protocol", protocol, "--state-dir",
                state.toString(), "--log-format", "json"));
        arguments.addAll(more);
        return arguments.toArray(String[]::new);
    }

    /** The port of a tcp tunnel's address, once the tunnel is open; 0 for another's. */
    private static int tunnelPort(Program agent, String protocol) throws InterruptedException {
        String url = agent.await("\"event\":\"tunnel_registered\".*\"url\":\"([^\"]+)\"").group(1);
        return protocol.equals("tcp") ? Integer.parseInt(url.substring(url.lastIndexOf(':') + 1)) : 0;
    }

    static Rig start(String... javaOptions) throws Exception {
        return start(List.of(javaOptions), List.of(javaOptions));
    }

    static Rig start(List<String> serverOptions, List<String> agentOptions) throws Exception {
        return new Rig(serverOptions, agentOptions, null, "https", 0);
    }

    /** An https tunnel to a local service of the test's own. */
    static Rig startTo(int localPort, String... javaOptions) throws Exception {
        return startTo(localPort, List.of(javaOptions), List.of(javaOptions));
    }

    static Rig startTo(int localPort, List<String> serverOptions, List<String> agentOptions) throws Exception {
        return new Rig(serverOptions, agentOptions, null, "https", localPort);
    }

    /** An http tunnel to a local service of the test's own: visitors come to {@link #httpPort}. */
    static Rig http(int localPort, String... javaOptions) throws Exception {
        return new Rig(List.of(javaOptions), List.of(javaOptions), null, "http", localPort);
    }

    /** With a long path between agent and server. */
    static Rig over(Duration roundTrip) throws Exception {
        return new Rig(List.of(), List.of(), roundTrip, "https", 0);
    }

    /** A tcp tunnel to {@link #service}, with a long path between agent and server. */
    static Rig tcp(Duration roundTrip) throws Exception {
        return new Rig(List.of(), List.of(), roundTrip, "tcp", 0);
    }

    /** A tcp tunnel to a port of this machine. */
    static Rig tcp(int localPort) throws Exception {
        return new Rig(List.of(), List.of(), null, "tcp", localPort);
    }

    /** Starts another agent at the same server: a tcp tunnel to {@link #service}. Returns where its visitors connect to. */
    int addTcpTunnel(String... javaOptions) throws Exception {
        Program another = Program.start(List.of(javaOptions), Map.of(), agentArguments("tcp", service.port(), List.of()));
        moreAgents.add(another);
        return tunnelPort(another, "tcp");
    }

    /** Starts the agent anew, which must have ended, and waits until it has its tunnel. */
    void restartAgent() throws IOException, InterruptedException {
        agent = Program.start(agentOptions, Map.of(), agentArguments);
        tunnelPort(agent, "https");
    }

    /** Ends the server with SIGTERM; it must end with 0. */
    void stopServer() {
        server.close();
    }

    /** On the same ports, as the same server. Returns when, by {@link System#nanoTime}, it has said that it listens. */
    long startServerAgain() throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(serverArguments);
        arguments.set(arguments.indexOf("--port") + 1, String.valueOf(port));
        server = Program.start(serverOptions, Map.of(), arguments.toArray(String[]::new));
        server.await("\"event\":\"listening\"");
        return System.nanoTime();
    }

    Program server() {
        return server;
    }

    Program agent() {
        return agent;
    }

    BulkService service() {
        return service;
    }

    int port() {
        return port;
    }

    /** Of plain HTTP; 0 when that is not served. */
    int httpPort() {
        return httpPort;
    }

    /** What an agent shows to open a tunnel. */
    String token() throws IOException {
        return JsonReader.parseObject(Files.readString(state.resolve("agent.json"))).string("token");
    }

    /** Where visitors of a tcp tunnel connect to. */
    int tcpPort() {
        return tcpPort;
    }

    /** A request head for the tunnel, with these further lines. */
    static String request(String requestLine, String... fields) {
        return requestTo(HOST, requestLine, fields);
    }

    static String requestTo(String host, String requestLine, String... fields) {
        StringBuilder head = new StringBuilder(requestLine).append(" HTTP/1.1\r\nHost: ").append(host).append("\r\n");
        for (String field : fields) {
            head.append(field).append("\r\n");
        }
        return head.append("\r\n").toString();
    }

    Peer visit() throws IOException {
        return doorway.connect(HOST, 0);
    }

    /** A new visitor; {@code receiveBuffer} is what his system may hold for him in bytes. */
    Peer visit(int receiveBuffer) throws IOException {
        return doorway.connect(HOST, receiveBuffer);
    }

    /** A new visitor of {@link #httpPort}, from another address of this machine. */
    Peer visitPlain(String from) throws IOException {
        Socket socket = new Socket();
        try {
            socket.bind(new InetSocketAddress(from, 0));
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), httpPort));
            return new Peer(socket, socket);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** A new TLS connection to the server under a name. */
    Peer connect(String name) throws IOException {
        return doorway.connect(name, 0);
    }

    @Override
    public void close() throws IOException {
        Program last = server;
        try (service; last; path) {
            for (Program another : moreAgents) {
                another.close();
            }
            agent.close();
        } finally {
            TestServer.delete(state);
        }
    }
}
