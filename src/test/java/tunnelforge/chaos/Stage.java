package tunnelforge.chaos;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tunnelforge.Eventually;
import tunnelforge.Peer;
import tunnelforge.json.JsonReader;
import tunnelforge.server.TestServer;
import tunnelforge.trials.Doorway;
import tunnelforge.trials.Program;

/** The programs of a trial, on loopback, and the path between them: the local service, the server, an agent with an https tunnel and one with a tcp tunnel. */
final class Stage implements AutoCloseable {
    private static final String LABEL = "chaos";
    private static final int FIRST_PORT = 21_000;
    private static final int LAST_PORT = 30_000;
    private static final int MOST_TRIES = 100;
    private static final List<String> JAVA_OPTIONS = List.of("-Xmx256m");
    private static final Pattern OPENED = Pattern.compile("\"event\":\"tunnel_opened\".*\"url\":\"([^\"]+)\".*\"peer\":\"([^\"]+)\"");
    private static final Pattern REGISTERED = Pattern.compile("\"event\":\"tunnel_registered\".*\"url\":\"([^\"]+)\"");
    /** In which a program that has begun is ready: far more than it needs. */
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Path state = TestServer.copyOfPrepared(TestServer.DOMAIN);
    private final Program service = Program.start(CountingService.class, "-Xmx256m");
    private final int serviceHttp;
    private final int serviceTcp;
    private final int port = freePort();
    private final int tcpPort = freePort();
    private final Doorway doorway = new Doorway(state.resolve("ca.pem"), port);
    private final FaultyPath path = new FaultyPath(port, 1);
    private final FaultyPath tcpPath = new FaultyPath(port, 2);
    private final Map<String, Link> controls = new ConcurrentHashMap<>();
    private final List<Registration> registrations = new CopyOnWriteArrayList<>();
    private Program server;
    private Program agent;
    private Program tcpAgent;
    private volatile long firstTryAt;

    /** The agent of the https tunnel was told that it is open, at a time of {@link System#nanoTime}. */
    record Registration(String url, long at) {
    }

    /** With the local service only. */
    Stage() throws IOException, GeneralSecurityException, InterruptedException {
        Matcher ports = service.await("http (\\d+) tcp (\\d+)");
        serviceHttp = Integer.parseInt(ports.group(1));
        serviceTcp = Integer.parseInt(ports.group(2));
    }

    /** With everything running. */
    static Stage complete() throws Exception {
        Stage stage = new Stage();
        try {
            stage.startServer();
            stage.startAgent();
            stage.startTcpAgent();
            return stage;
        } catch (Exception | AssertionError e) {
            stage.close();
            throw e;
        }
    }

    /** A port that no connection is given by the system, so that it is still free when the program that had it is started again. */
    private static int freePort() throws IOException {
        for (int tries = 0; ; tries++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST_PORT, LAST_PORT);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (BindException e) {
                if (tries == MOST_TRIES) {
                    throw e;
                }
            }
        }
    }

    /** Starts the server, always on the same port, and returns when it listens. */
    void startServer() throws IOException, InterruptedException {
        server = Program.start(JAVA_OPTIONS, Map.of(), "server", "--port", String.valueOf(port), "--bind", "127.0.0.1", "--tcp-ports", tcpPort + "-" + tcpPort,
                "--state-dir", state.toString(), "--log-format", "json");
        server.listen(this::noteControl);
        server.await("\"event\":\"listening\"");
    }

    private void noteControl(String line) {
        Matcher opened = OPENED.matcher(line);
        if (opened.find()) {
            for (FaultyPath either : List.of(path, tcpPath)) {
                Link link = either.link(opened.group(2));
                if (link != null) {
                    link.tunnel(opened.group(1));
                    controls.put(opened.group(1), link);
                }
            }
        }
    }

    /** Starts the agent of the https tunnel through the path, and returns when it has the tunnel: how long that took from its first try, in nanoseconds. */
    long startAgent() throws IOException {
        int before = registrations.size();
        startAgent(List.of(), through(path));
        return awaitRegistration(before).at() - firstTryAt;
    }

    /** Starts the agent of the tcp tunnel through its path, and returns when it has the tunnel, always on the same port. */
    void startTcpAgent() throws IOException, InterruptedException {
        tcpAgent = agent(List.of("-Xmx64m"), through(tcpPath), serviceTcp, "--protocol", "tcp", "--remote-port", String.valueOf(tcpPort));
        tcpAgent.await(REGISTERED.pattern());
    }

    /** Starts the agent of the https tunnel, and returns at once. */
    void startAgent(List<String> javaOptions, List<String> serverOptions) throws IOException {
        List<String> options = new ArrayList<>(JAVA_OPTIONS);
        options.addAll(javaOptions);
        agent = agent(options, serverOptions, serviceHttp, "--subdomain", LABEL);
        agent.listen(line -> {
            if (line.contains("\"event\":\"connecting\"")) {
                firstTryAt = System.nanoTime();
            }
            Matcher registered = REGISTERED.matcher(line);
            if (registered.find()) {
                registrations.add(new Registration(registered.group(1), System.nanoTime()));
            }
        });
    }

    private static List<String> through(FaultyPath path) {
        return List.of("--server", "localhost:" + path.port());
    }

    private Program agent(List<String> javaOptions, List<String> serverOptions, int target, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("agent", "127.0.0.1:" + target, "--state-dir", state.toString(), "--log-format", "json", "--ca",
                state.resolve("ca.pem").toString(), "--token", JsonReader.parseObject(Files.readString(state.resolve("agent.json"))).string("token")));
        arguments.addAll(serverOptions);
        arguments.addAll(List.of(more));
        return Program.start(javaOptions, Map.of(), arguments.toArray(String[]::new));
    }

    /** The registration of this number, from 0, once it has come. */
    Registration awaitRegistration(int number) {
        Eventually.await(() -> "the agent has no tunnel; it printed " + agent.lastLines(), LIMIT, () -> registrations.size() > number);
        return registrations.get(number);
    }

    List<Registration> registrations() {
        return List.copyOf(registrations);
    }

    String url() {
        return "https://" + host() + ":" + port;
    }

    String host() {
        return LABEL + "." + TestServer.DOMAIN;
    }

    int port() {
        return port;
    }

    int tcpPort() {
        return tcpPort;
    }

    /** Of the agent with the https tunnel. */
    FaultyPath path() {
        return path;
    }

    /** Of the agent with the tcp tunnel. */
    FaultyPath tcpPath() {
        return tcpPath;
    }

    /** All connections of both agents. */
    List<Link> links() {
        return Stream.of(path, tcpPath).flatMap(either -> either.links().stream()).toList();
    }

    Program server() {
        return server;
    }

    Program agent() {
        return agent;
    }

    Program tcpAgent() {
        return tcpAgent;
    }

    /** The control connection of the https tunnel: the last one that the server knows of. */
    Link control() {
        return controls.get(url());
    }

    /** A new visitor of the https tunnel. */
    Peer visit() throws IOException {
        return doorway.connect(host(), 0);
    }

    /** How often the local service was given each id, a digit each. */
    String counts() throws IOException {
        return askService("counts");
    }

    /** Has the local service count from nothing. */
    void forgetCounts() throws IOException {
        askService("forget");
    }

    private String askService(String what) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), serviceHttp); Peer peer = new Peer(socket, socket)) {
            return peer.send("GET /" + what + " HTTP/1.1\r\nHost: localhost\r\n\r\n").readResponse().text();
        }
    }

    @Override
    public void close() throws IOException {
        // Closed from the last to the first; what was never started is null, which is passed over. The agents end while they can still say goodbye.
        Program last = server;
        Program first = agent;
        Program second = tcpAgent;
        try (service; path; tcpPath; last; second; first) {
            Chaos.print("%s", "ending the programs");
        } finally {
            TestServer.delete(state);
        }
    }
}
