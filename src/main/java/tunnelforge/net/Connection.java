package tunnelforge.net;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSocket;

/**
 * One TCP connection, with TLS layered over the raw socket where it is wanted; or one Unix-domain connection. One task reads and one task writes at a
 * time; limits, {@link #watch} and {@link #kill()} may come from any task.
 *
 * <pre>
 *   in() ── reads are timed ── [TLS] ──▶ ReadAhead ──▶ raw socket        ticker: TimeLimits, Watch
 *   out() ─────────────────── [TLS] ──▶ RawOutput, writes are timed ──▶ raw socket
 * </pre>
 *
 * <p>There are three ways to end it. {@link #finish()} ends the sending direction only. {@link #close()} is polite: TLS
 * says goodbye, and it is bounded by {@link #CLOSE_LIMIT}. {@link #kill()} closes the raw socket at once, under whoever reads
 * or writes, and never blocks. Whoever opened a connection closes it; the {@link Ticker} kills one that is late.
 *
 * <p>It is long because it is the one way in: nearly every method is a line that hands on to one of the classes above.
 */
public final class Connection implements Ticker.Ticked, AutoCloseable {
    /** How long a polite close may take before the raw socket is closed. */
    public static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);

    /** For {@link #readLimit} and {@link #idleLimit}. */
    public static final Duration NO_LIMIT = Duration.ofNanos(Long.MAX_VALUE);

    /** How long one write may wait for the peer to take it, unless its owner says otherwise. */
    public static final Duration WRITE_LIMIT = Duration.ofMinutes(5);

    /** Bytes of the path of a Unix-domain socket: Linux has room for one more, which the JDK leaves unused. */
    public static final int MAX_UNIX_PATH = 106;

    private final Transport raw;
    private final Ticker ticker;
    private final TimeLimits limits;
    private final ReadAhead ahead;
    private final RawOutput rawOut;
    private final Watch watch;
    private volatile InetSocketAddress peer;
    private volatile InetSocketAddress relayedTo;
    private volatile SSLSocket tls;
    private InputStream in;
    private OutputStream out;
    private volatile long endIsGoneAfter = NO_LIMIT.toNanos();
    private volatile boolean late;
    private volatile boolean breaksWhenKilled;
    private volatile boolean finished;
    private volatile boolean killed;

    private Connection(Transport raw, Ticker ticker, Ledger ledger) throws IOException {
        this.raw = raw;
        this.ticker = ticker;
        this.limits = new TimeLimits(ticker.clock());
        this.peer = raw.peer();
        this.ahead = new ReadAhead(raw, this::over, limits, ticker.clock(), ledger);
        try {
            this.rawOut = new RawOutput(raw.out(), limits, this::lost);
        } catch (IOException e) {
            // Whoever has it would not learn of this one.
            raw.close();
            throw e;
        }
        this.watch = new Watch(ahead, ticker.tasks(), () -> raw.probe(20, 4), this::isReset);
        this.in = new TimedInput(ahead, limits);
        this.out = rawOut;
        ticker.add(this);
    }

    /**
     * A connection that was accepted, without TLS; it owns the channel from now on.
     *
     * @throws IOException when the peer has left already
     */
    static Connection accepted(SocketChannel channel, Ticker ticker, Ledger ledger) throws IOException {
        return new Connection(new TcpTransport(channel), ticker, ledger);
    }

    /** Like {@link #connect(List, int, Duration, Ticker, Ledger)}, without anybody to charge. */
    public static Connection connect(List<InetAddress> addresses, int port, Duration limit, Ticker ticker) throws IOException {
        return connect(addresses, port, limit, ticker, new Ledger(Long.MAX_VALUE));
    }

    /**
     * Connects to the first of several addresses that answers, without TLS.
     *
     * @param addresses tried in order, each within an equal share of the limit
     * @param ledger is charged for what is read ahead
     * @throws SocketTimeoutException when the last address did not answer in time
     * @throws Descriptors.Exhausted when this program cannot have another connection
     * @throws IOException when the last address refused
     */
    public static Connection connect(List<InetAddress> addresses, int port, Duration limit, Ticker ticker, Ledger ledger) throws IOException {
        return new Connection(TcpTransport.connect(addresses, port, limit), ticker, ledger);
    }

    /**
     * Connects to a Unix-domain socket; while its backlog is full, again and again. No TLS can be layered over it.
     *
     * @param path at most {@link #MAX_UNIX_PATH} bytes
     * @param limit for all attempts together
     * @throws SocketTimeoutException when the backlog stayed full
     * @throws IOException when there is no such socket, or nobody listens on it
     */
    public static Connection connect(Path path, Duration limit, Ticker ticker) throws IOException {
        return new Connection(UnixTransport.connect(path, limit), ticker, new Ledger(Long.MAX_VALUE));
    }

    /**
     * Layers TLS over the connection in the server's role, continuing from a ClientHello that was read already. The
     * caller sets a limit around it.
     *
     * @param asksForCertificate whether the client is asked for one; it need not have any
     * @throws IOException when the handshake fails
     */
    public void startTlsServer(SSLContext context, ClientHello hello, boolean asksForCertificate) throws IOException {
        SSLSocket socket = TlsLayer.server(context, new LayeredSocket(raw, ahead, rawOut), hello);
        socket.setWantClientAuth(asksForCertificate);
        layer(socket);
    }

    /**
     * Layers TLS over the connection in the client's role. The caller sets a limit around it; the certificate is
     * judged by the context's trust manager alone.
     *
     * @param parameters the versions of TLS that will do; null for the context's own
     * @param host sent as SNI when it is a name; with parameters, when it is one with a dot, as {@code java.net.http} does
     * @throws IOException when the handshake fails
     */
    public void startTlsClient(SSLContext context, SSLParameters parameters, String host, int port) throws IOException {
        layer(TlsLayer.client(context, new LayeredSocket(raw, ahead, rawOut), parameters, host, port));
    }

    private void layer(SSLSocket socket) throws IOException {
        tls = socket;
        socket.startHandshake();
        in = new TimedInput(socket.getInputStream(), limits);
        out = socket.getOutputStream();
    }

    /** The version of TLS as the JDK writes it, {@code TLSv1.3}; null without TLS. */
    public String tlsVersion() {
        SSLSocket layered = tls;
        return layered == null ? null : layered.getSession().getProtocol();
    }

    /** What the peer has proved to own, in this handshake or in the one that it resumes: its own certificate first; empty when it has shown none. Nobody need have judged it. */
    public List<X509Certificate> peerCertificates() {
        SSLSocket layered = tls;
        try {
            return layered == null ? List.of() : Stream.of(layered.getSession().getPeerCertificates()).map(X509Certificate.class::cast).toList();
        } catch (SSLPeerUnverifiedException e) {
            return List.of();
        }
    }

    /** The stream of TLS where it is layered, else of the raw socket. */
    public InputStream in() {
        return in;
    }

    /** The stream of TLS where it is layered, else of the raw socket. Each write is at least one TLS record and one system call. */
    public OutputStream out() {
        return out;
    }

    /** What the raw socket was connected to, or whom it was {@link #relayedFor}; null for a Unix socket. */
    public InetSocketAddress peer() {
        return peer;
    }

    /** What the peer connected to, or said that it was {@link #relayedFor}; null for a Unix socket. */
    public InetSocketAddress local() {
        InetSocketAddress told = relayedTo;
        return told == null ? raw.local() : told;
    }

    /** The peer is a relay that is believed, and has said for whom it connects, and where to. By the task that reads, before anybody asks. */
    public void relayedFor(InetSocketAddress source, InetSocketAddress destination) {
        peer = source;
        relayedTo = destination;
    }

    /** By the task that reads: it has waited for something else since its last read, or is another than before, so that the other tasks have had their turn. */
    public void waitedElsewhere() {
        ahead.waitedElsewhere();
    }

    /** Whether {@link #taken} is to be seen to grow while a large write waits for the peer. Costs large writes a little. */
    public void showsProgress(boolean on) {
        rawOut.inPieces(on);
    }

    /** From now on the kernel keeps at most about so much that the peer has not taken. Else it keeps as much as fills the path, on loopback megabytes. */
    public void limitSendBuffer(int bytes) {
        raw.limitSendBuffer(bytes);
    }

    // ---- Time limits. Each belongs to whoever set it; who is late is killed. ----

    /** From now on the peer has so long for each read, counted from the beginning of the call; {@link #NO_LIMIT} for any time. */
    public void readLimit(Duration limit) {
        limits.read(limit);
    }

    /** From now on the peer has so long to take one write, or one TLS record of it. There is always such a limit, {@link #WRITE_LIMIT} at first. */
    public void writeLimit(Duration limit) {
        limits.write(limit);
    }

    /** From now on something must come or be taken at least so often; {@link #NO_LIMIT} when it need not. */
    public void idleLimit(Duration limit) {
        limits.idle(limit);
    }

    /** A limit for what is under way, whatever it consists of. */
    public interface Total extends AutoCloseable {
        /** It was in time: takes back this limit, and no other. */
        @Override
        void close();
    }

    /** Begins something that must end within {@code limit}: {@code try (var head = connection.within(HEAD_LIMIT)) { ... }}. Totals may overlap. */
    public Total within(Duration limit) {
        return limits.within(limit, null);
    }

    /**
     * As {@link #within(Duration)}, for a peer that is to be told when it is late: past the limit {@code instead} runs once, in place of the end of the connection, which
     * it is to see to. It is the ticker's, and must neither block nor throw.
     */
    public Total within(Duration limit, Runnable instead) {
        return limits.within(limit, instead);
    }

    /** Whether a limit has killed the connection. */
    public boolean late() {
        return late;
    }

    @Override
    public void tick(long now) {
        if (limits.isPast(now)) {
            late = true;
            kill();
        } else {
            if (ahead.hasEnded() && limits.stillness(now) >= endIsGoneAfter) {
                lost();
            }
            watch.tick(now);
        }
    }

    /** How many raw bytes can be read without waiting, as far as that is known. */
    int pending() {
        try {
            return ahead.available();
        } catch (IOException e) {
            return 0;
        }
    }

    /** Whether a task is in a read. */
    boolean isReading() {
        return limits.isReading();
    }

    /** Whether a task is in a write that the peer has not taken yet. */
    public boolean isWriting() {
        return limits.isWriting();
    }

    /** Whether the one thing that is missing is a byte of the peer's: a task reads, and nothing is there. */
    public boolean awaitsPeer() {
        return limits.isReading() && pending() == 0;
    }

    /** How many raw bytes have come so far. */
    public long received() {
        return limits.received();
    }

    /** How many raw bytes the peer, or the kernel for it, has taken so far. */
    public long taken() {
        return limits.taken();
    }

    /** How many nanoseconds nothing has come from the peer; {@code now} is the ticker's. 0 while something waits to be read. */
    public long silence(long now) {
        long silence = limits.silence(now);
        if (silence < Ticker.INTERVAL_NANOS) {
            return silence;
        }
        // Whoever reads may have had no turn.
        return pending() > 0 ? 0 : silence;
    }

    /** How many nanoseconds a task has been waiting for a byte of the peer's, and none was there; 0 while no task does. */
    public long waitsForPeer(long now) {
        return pending() > 0 ? 0 : limits.waiting(now);
    }

    /** How many nanoseconds nothing has been taken of what the peer sends, be it that nobody reads; 0 while a task does. */
    public long unreadFor(long now) {
        return limits.isReading() ? 0 : limits.silence(now);
    }

    // ---- Whether the peer is still there. ----

    /** From now on the system asks a silent peer every few seconds, and ends the connection when it has not answered for a quarter of a minute: as far as nothing is under way to it. */
    public void asksSilentPeer() {
        raw.probe(5, 2);
    }

    /**
     * Cancelled when the peer is known to have left: it has reset the connection, or has ended its stream for longer than {@link #endIsGoneAfter} says, or this end
     * has closed it. Whoever does not read meanwhile asks for a {@link #watch} as well.
     */
    public Cancellation gone() {
        return watch.gone();
    }

    /** Until the registration is closed a task reads ahead whenever nobody has been reading for a second, so that the peer's leaving is seen. */
    public Cancellation.Registration watch() {
        return watch.ask();
    }

    /** As {@link #watch()}, to be told: {@code onGone} runs once, at once when the peer has left already; it must neither block nor throw. */
    public Cancellation.Registration watch(Runnable onGone) {
        Cancellation.Registration told = gone().onCancel(onGone);
        Cancellation.Registration asked = watch();
        return () -> {
            asked.close();
            told.close();
        };
    }

    /**
     * From now on a peer whose stream has ended, and to which nothing has been written for so long, counts as one that has left; {@link #NO_LIMIT}, the default, for never. An end of stream
     * alone does not tell a peer that waits for its answer from one that has closed: only what is written to it would.
     */
    public void endIsGoneAfter(Duration limit) {
        endIsGoneAfter = limit.toNanos();
    }

    /** How long the peer's stream has been over, and nothing was written to it, in nanoseconds; -1 while it is not over. Perhaps nobody is there any more. */
    public long halfClosedFor(long now) {
        return ahead.hasEnded() ? Math.max(0, limits.stillness(now)) : -1;
    }

    private void lost() {
        watch.peerHasLeft();
    }

    /** The raw stream has ended, or failed. */
    private void over(boolean failed) {
        limits.ended();
        if (failed) {
            lost();
        }
    }

    /** By the ticker; no reader or writer disturbs it meanwhile. */
    private boolean isReset() {
        return ahead.whileNobodyReads(() -> rawOut.whileNobodyWrites(() -> raw.isReset(ticker.resets())));
    }

    /**
     * Whether an idle connection can no longer be used: something has come that nobody asked for, on any layer, or its end, be it without a goodbye.
     * What has come may be lost: a stale connection is to be closed. Nobody may be reading or writing.
     */
    public boolean stale() {
        try {
            return killed || tls != null && tls.getInputStream().available() > 0 || ahead.isStale(raw::hasSomething);
        } catch (IOException e) {
            return true;
        }
    }

    // ---- Ends. ----

    /** Whether this end has closed it, whoever has called {@link #kill}. */
    public boolean killed() {
        return killed;
    }

    /**
     * Ends the sending direction; the peer reads an end of stream and may go on sending.
     *
     * @throws IOException when the connection is gone
     */
    public void finish() throws IOException {
        if (finished) {
            return;
        }
        finished = true;
        if (tls != null) {
            tls.shutdownOutput();
        } else {
            raw.finish();
        }
    }

    /**
     * Ends the sending direction and drops what still comes, however much, so that the peer can read what was said before the connection closes under
     * what it is sending. The connection is closed before {@code limit} has passed, and when nothing comes for {@code silence}.
     */
    public void linger(Duration silence, Duration limit) {
        limits.endWithin(limit);
        limits.read(silence);
        try {
            finish();
            byte[] dropped = new byte[8 * 1024];
            while (in.read(dropped) >= 0) {
                // What still comes has been answered.
            }
        } catch (IOException e) {
            // The peer has gone.
        }
    }

    /**
     * Ends the sending direction, and the connection when {@code limit} has passed; for whoever has told the peer why while another task still reads. Those who watch the peer
     * learn that it is gone.
     */
    public void leave(Duration limit) {
        limits.endWithin(limit);
        try {
            finish();
        } catch (IOException e) {
            kill();
        }
        lost();
    }

    /** Says goodbye where there is a way to, and closes. Returns within {@link #CLOSE_LIMIT} and a tick. */
    @Override
    public void close() {
        breaksWhenKilled = false;
        limits.endWithin(CLOSE_LIMIT);
        try {
            if (tls != null) {
                tls.close();
            } else {
                raw.close();
            }
        } catch (IOException e) {
            // The peer has gone first: there is nobody to say goodbye to.
        }
        kill();
    }

    /**
     * Whether {@link #kill} is to look broken to the peer, as {@link #abort} does, whoever calls it: for a connection whose end of stream would
     * look complete. False at first; {@link #close} takes it back.
     */
    public void breakWhenKilled(boolean on) {
        breaksWhenKilled = on;
    }

    /** Closes at once, whatever is under way; never blocks; may be called by any task and more than once. */
    public void kill() {
        killed = true;
        if (breaksWhenKilled) {
            raw.breakOff();
        }
        ticker.remove(this);
        try {
            raw.close();
        } catch (IOException e) {
            // Closed is what was wanted.
        }
        ahead.release();
        lost();
    }

    /**
     * Closes at once in a way that the peer sees as broken (RST), also where an end of stream would look complete. Unix sockets have no RST: there
     * the peer sees an end of stream, unless something that it sent was not read.
     */
    public void abort() {
        raw.breakOff();
        kill();
    }
}
