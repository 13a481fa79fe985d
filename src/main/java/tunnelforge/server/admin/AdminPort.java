package tunnelforge.server.admin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import tunnelforge.log.Log;
import tunnelforge.text.Addresses;
import tunnelforge.text.Authority;

/**
 * The admin port, on the JDK's own HTTP server, so that nothing of what visitors reach is in the way of it. Its tasks are platform threads: it answers as well when every carrier of virtual threads is busy.
 * What it needs beyond the port is made at the first request.
 */
public final class AdminPort implements AutoCloseable {
    /** Connections at once, and so tasks: the JDK's server has one read a whole head, however slowly that comes. Further ones are closed. */
    private static final int MAX_CONNECTIONS = 100;
    private static final int BACKLOG = 64;
    private static final long IDLE_SECONDS = 30;

    private final HttpServer server;
    private final ThreadPoolExecutor tasks;
    private final AdminConfig config;
    private final Observed observed;
    private final Log log;
    private final Pulse pulse;
    private final AtomicReference<Operator> operator = new AtomicReference<>();

    private AdminPort(AdminConfig config, Observed observed, Log log) throws IOException {
        this.config = config;
        this.observed = observed;
        this.log = log;
        limit();
        server = HttpServer.create(new InetSocketAddress(config.address(), config.port()), BACKLOG);
        tasks = new ThreadPoolExecutor(0, MAX_CONNECTIONS, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), Thread.ofPlatform().daemon().name("admin").factory());
        pulse = new Pulse(observed.ticker());
    }

    /**
     * Opens the port; it serves when this returns.
     *
     * @throws IOException when the port cannot be had
     */
    public static AdminPort open(AdminConfig config, Observed observed, Log log) throws IOException {
        AdminPort port = new AdminPort(config, observed, log);
        port.server.setExecutor(port.tasks);
        port.server.createContext("/", port::handle);
        port.server.start();
        return port;
    }

    /** Of what one peer can take, be it slow or large; read once for the whole process, and what was set on the command line stays. */
    private static void limit() {
        set("sun.net.httpserver.nodelay", "true");
        set("sun.net.httpserver.maxReqTime", "5");
        set("sun.net.httpserver.maxRspTime", "30");
        set("sun.net.httpserver.maxReqHeaderSize", "16384");
        set("sun.net.httpserver.drainAmount", "16384");
        set("jdk.httpserver.maxConnections", Integer.toString(MAX_CONNECTIONS));
    }

    private static void set(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    /** The port that it listens on. */
    public int port() {
        return server.getAddress().getPort();
    }

    /** What a browser on this machine opens. */
    public String url() {
        return "http://" + new Authority(config.address().isAnyLocalAddress() ? "127.0.0.1" : Addresses.text(config.address()), port()) + "/";
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Operator made = operator.get();
            if (made == null) {
                operator.compareAndSet(null, new Operator(new Guard(config.address(), config.hosts(), config.token()), observed, pulse));
                made = operator.get();
            }
            made.serve(exchange);
        } catch (RuntimeException | Error bug) {
            log.error("internal_error", "a request to the admin port failed", "error", bug);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        tasks.shutdownNow();
        pulse.close();
    }
}
