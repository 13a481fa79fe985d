package tunnelforge.server.edge;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import tunnelforge.http.Framing;
import tunnelforge.http.HopByHop;
import tunnelforge.http.HttpException;
import tunnelforge.http.HttpReader;
import tunnelforge.http.HttpWriter;
import tunnelforge.http.RequestHead;
import tunnelforge.http.Targets;
import tunnelforge.log.Log;
import tunnelforge.mux.Exchange;
import tunnelforge.net.ClientHello;
import tunnelforge.net.ClientHelloException;
import tunnelforge.net.Connection;
import tunnelforge.net.NotTlsException;
import tunnelforge.net.Tasks;
import tunnelforge.net.Ticker;
import tunnelforge.server.edge.Router.Destination;
import tunnelforge.server.tls.Certificates;
import tunnelforge.server.tunnel.PublicAddresses;
import tunnelforge.server.tunnel.Tunnel;
import tunnelforge.text.Addresses;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ResetCode;
import tunnelforge.wire.TunnelError;

/**
 * Whoever connects to the server, until it is known to be an agent: one task reads its requests one after the other and answers each before it
 * reads the next, so that pipelined requests are answered in order.
 *
 * <p>While an answer takes long nobody would notice that the visitor has left. So after {@link #WATCH_AFTER_NANOS} a watch task reads ahead:
 * the end of the stream cancels the exchange, and the first bytes of a next request stay in the buffer. Who reads holds the input lock.
 */
public final class Http1Connection implements Ticker.Ticked {
    /** The ClientHello and the handshake. */
    static final Duration HANDSHAKE_LIMIT = Duration.ofSeconds(10);
    /** Between requests. */
    static final Duration IDLE_LIMIT = Duration.ofSeconds(75);
    /** From a request's first byte to the end of its head. */
    static final Duration HEAD_LIMIT = Duration.ofSeconds(30);
    /** For 64 KiB to be taken by the visitor, or for a next piece of its body to come. */
    static final Duration STALL_LIMIT = Duration.ofMinutes(5);

    private static final long WATCH_AFTER_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final Duration LINGER_LIMIT = Duration.ofSeconds(2);
    private static final int LINGER_BYTES = 256 * 1024;
    private static final int INPUT_BUFFER = 8 * 1024;
    private static final int OUTPUT_BUFFER = 16 * 1024;
    private static final int FRAMES = 2 * 1024;
    private static final int FRAMES_KEPT = 16 * 1024;

    private final Connection connection;
    private final boolean tls;
    private final Edge edge;
    private final ReentrantLock inputLock = new ReentrantLock();
    private final AtomicBoolean watching = new AtomicBoolean();
    private FrameBuffer frames = new FrameBuffer(FRAMES);
    private String sni;
    private HttpReader reader;
    private HttpWriter writer;
    /** The visitor has sent more than its request, so that its leaving can no longer be seen behind that. */
    private volatile boolean unwatched;
    private volatile boolean left;
    private volatile Exchange awaited;
    private volatile long awaitedSince;

    /**
     * What all visitors share.
     *
     * @param router where requests go
     * @param entrance what agents come for
     * @param tcpEdge where TLS goes that is not for this server to decrypt
     * @param certificates what is shown in TLS
     * @param addresses for redirects and cookies
     * @param tasks where further tasks run
     * @param ticker keeps the limits
     * @param log for one line per refused connection
     */
    public record Edge(Router router, Entrance entrance, SessionEdge tcpEdge, Certificates certificates, PublicAddresses addresses, Tasks tasks,
            Ticker ticker, Log log) {
    }

    public Http1Connection(Connection connection, boolean tls, Edge edge) {
        this.connection = connection;
        this.tls = tls;
        this.edge = edge;
    }

    /** Serves the connection until it ends. */
    public void run() {
        try {
            if (tls && !startTls()) {
                return;
            }
            reader = new HttpReader(connection.in(), INPUT_BUFFER);
            writer = new HttpWriter(connection.out(), OUTPUT_BUFFER);
            edge.ticker().add(this);
            serveRequests();
        } catch (IOException e) {
            edge.log().debug("visitor_lost", "a visitor's connection ended", "peer", peer(), "error", e);
        } finally {
            edge.ticker().remove(this);
            connection.close();
        }
    }

    private boolean startTls() throws IOException {
        connection.deadline(HANDSHAKE_LIMIT);
        try {
            ClientHello hello = ClientHello.read(connection.in(), ClientHello.DEFAULT_LIMIT_BYTES);
            sni = hello.serverName();
            Tunnel undecrypted = edge.router().undecrypted(sni);
            if (undecrypted != null) {
                relay(undecrypted, hello);
                return false;
            }
            connection.startTlsServer(edge.router().reachesEntrance(sni) ? edge.certificates().agents()
                    : edge.certificates().visitors(), hello);
            return true;
        } catch (NotTlsException e) {
            edge.log().info("not_tls", "what came to the TLS port was no TLS", "peer", peer());
            if (e.maybeHttp()) {
                Page.error(null, TunnelError.BAD_REQUEST, 400, "This port speaks HTTPS. Write https:// in front of the address.")
                        .write(new HttpWriter(connection.out(), OUTPUT_BUFFER), null, false);
                linger();
            }
        } catch (ClientHelloException e) {
            edge.log().info("client_hello_refused", e.getMessage(), "peer", peer());
            connection.out().write(ClientHello.alert(e.alert()));
        } catch (IOException e) {
            edge.log().info("handshake_failed", connection.late() ? "no TLS handshake within " + HANDSHAKE_LIMIT.toSeconds() + " s"
                    : "a TLS handshake failed", "peer", peer(), "error", handshakeError(e));
        }
        return false;
    }

    private void relay(Tunnel tunnel, ClientHello hello) throws IOException {
        if (tunnel.isAway()) {
            connection.out().write(ClientHello.alert(ClientHello.ALERT_UNRECOGNIZED_NAME));
            return;
        }
        connection.noDeadline();
        try {
            edge.tcpEdge().serve(tunnel, connection, sni, hello.bytes());
        } finally {
            // What has not ended well must not look as if it had.
            connection.kill();
        }
    }

    private static String handshakeError(IOException e) {
        Throwable deepest = e;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        String message = String.valueOf(deepest.getMessage());
        // The alerts by which clients say so (RFC 8446 section 6.2).
        return message.contains("unknown_ca") || message.contains("certificate_unknown") || message.contains("bad_certificate")
                ? "the visitor does not trust the certificate" : message;
    }

    private void serveRequests() throws IOException {
        boolean more = true;
        RequestHead request = null;
        try {
            while (more) {
                request = null;
                request = nextRequest();
                if (request == null) {
                    return;
                }
                request = Targets.toOriginForm(request);
                more = serve(request);
            }
            linger();
        } catch (HttpException e) {
            edge.log().info("request_refused", e.getMessage(), "peer", peer(), "status", e.status());
            refuse(request, e);
        }
    }

    private RequestHead nextRequest() throws IOException {
        connection.deadline(IDLE_LIMIT);
        emptyFrames();
        inputLock.lock();
        try {
            watching.set(false);
            unwatched = false;
            if (!reader.fill()) {
                return null;
            }
            connection.deadline(HEAD_LIMIT);
            RequestHead request = reader.readRequest(Limits.MAX_VISITOR_HEAD);
            connection.noDeadline();
            return request;
        } finally {
            inputLock.unlock();
        }
    }

    private void refuse(RequestHead request, HttpException e) throws IOException {
        TunnelError error = switch (e.status()) {
            case 413, 414, 431 -> TunnelError.TOO_LARGE;
            default -> TunnelError.BAD_REQUEST;
        };
        connection.deadline(LINGER_LIMIT);
        Page.error(request, error, e.status(), e.getMessage()).write(writer, request, false);
        linger();
    }

    /** Serves one request; false when the connection can take no other. */
    private boolean serve(RequestHead request) throws IOException {
        Destination destination = tls ? edge.router().overTls(sni, request) : edge.router().overHttp(request);
        return switch (destination) {
            case Destination.ToTunnel(Tunnel tunnel) -> new VisitorExchange(this, tunnel, request).serve();
            case Destination.Entrance entrance -> edge.entrance().serve(request, connection, reader, writer) && persists(request);
            case Destination.Welcome welcome -> answer(Page.welcome(), request);
            case Destination.ToHttps(Tunnel tunnel) ->
                    answer(Page.redirect(edge.addresses().httpsUrl(tunnel.address().host()) + (request.target().equals("*") ? "/" : request.target())), request);
            case Destination.Nowhere(TunnelError error, String reason) -> answer(Page.error(request, error, error.status(), reason), request);
        };
    }

    private boolean answer(Page page, RequestHead request) throws IOException {
        boolean more = persists(request);
        connection.deadline(LINGER_LIMIT);
        page.write(writer, request, more);
        connection.noDeadline();
        return more;
    }

    private static boolean persists(RequestHead request) throws HttpException {
        return HopByHop.persists(request) && Framing.ofRequest(request) instanceof Framing.None;
    }

    /** Lets the visitor read what was said before the connection closes under what it is still sending. */
    private void linger() {
        connection.linger(LINGER_LIMIT, LINGER_BYTES);
    }

    // ---- For the exchange that is being served. ----

    Edge edge() {
        return edge;
    }

    Connection connection() {
        return connection;
    }

    boolean tls() {
        return tls;
    }

    HttpReader reader() {
        return reader;
    }

    HttpWriter writer() {
        return writer;
    }

    /** Empty; for one request. A large request's buffer is not kept for the next. */
    FrameBuffer emptyFrames() {
        if (frames.array().length > FRAMES_KEPT) {
            frames = new FrameBuffer(FRAMES);
        }
        frames.clear();
        return frames;
    }

    ReentrantLock inputLock() {
        return inputLock;
    }

    /** From now on for a while, or with null no longer, {@code exchange} is waited for; the end of the visitor's stream cancels {@code exchange}. */
    void awaiting(Exchange exchange) {
        if (exchange != null) {
            awaitedSince = System.nanoTime();
        }
        awaited = exchange;
        if (left && exchange != null) {
            exchange.reset(ResetCode.CANCELLED, "the visitor has left");
        }
    }

    @Override
    public void tick(long now) {
        Exchange exchange = awaited;
        if (exchange == null) {
            return;
        }
        long waiting = now - awaitedSince;
        if (waiting > WATCH_AFTER_NANOS && watching.compareAndSet(false, true)) {
            edge.tasks().start("visitor watch", this::watch);
        } else if (unwatched && waiting > STALL_LIMIT.toNanos()) {
            unwatched = false;
            edge.tasks().start("visitor watch", () -> exchange.reset(ResetCode.CANCELLED, "the visitor may have left long ago"));
        }
    }

    private void watch() {
        boolean here;
        inputLock.lock();
        try {
            if (!watching.get()) {
                // The exchange it was started for was over first: what comes now is the next request.
                return;
            }
            here = reader.fill();
            unwatched = here;
        } catch (IOException e) {
            here = false;
        } finally {
            inputLock.unlock();
        }
        if (!here) {
            // Whichever attempt is under way, or follows.
            left = true;
            Exchange exchange = awaited;
            if (exchange != null) {
                exchange.reset(ResetCode.CANCELLED, "the visitor has left");
            }
        }
    }

    private String peer() {
        return Addresses.text(connection.peer().getAddress());
    }
}
