package tunnelforge.net;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * One TCP connection, with TLS layered over the raw socket where it is wanted; or one Unix-domain connection. Its bytes are
 * read by one task and written by one task at a time; deadlines and {@link #kill()} may come from any task.
 *
 * <p>There are three ways to end it. {@link #finish()} ends the sending direction only. {@link #close()} is polite: TLS
 * says goodbye, and it is bounded by {@link #CLOSE_LIMIT}. {@link #kill()} closes the raw socket at once, under whoever reads
 * or writes, and never blocks. Whoever opened a connection closes it; its deadline task is the {@link Ticker}.
 */
public final class Connection implements Ticker.Ticked, AutoCloseable {
    /** How long a polite close may take before the raw socket is closed. */
    public static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);

    /** Bytes of the path of a Unix-domain socket: Linux has room for one more, which the JDK leaves unused. */
    public static final int MAX_UNIX_PATH = 106;

    /** For {@link #readLimit} and {@link #idleLimit}. */
    public static final Duration NO_LIMIT = Duration.ofNanos(Long.MAX_VALUE);

    /** How long one write may wait for the peer to take it, unless its owner says otherwise. */
    public static final Duration WRITE_LIMIT = Duration.ofMinutes(5);

    private static final long NONE = 0;

    private final Transport raw;
    private final Ticker ticker;
    private volatile InetSocketAddress peer;
    private volatile InetSocketAddress relayedTo;
    private volatile SSLSocket tls;
    private InputStream in;
    private OutputStream out;
    private volatile long deadline = NONE;
    private volatile long sendDeadline = NONE;
    private final TimeLimits limits;
    private final Cancellation gone = new Cancellation();
    private volatile boolean endIsGone;
    private volatile boolean late;
    private volatile boolean breaksWhenKilled;
    private volatile boolean killed;

    private Connection(Transport raw, Ticker ticker) throws IOException {
        this.raw = raw;
        this.ticker = ticker;
        this.limits = new TimeLimits(ticker.clock());
        this.peer = raw.peer();
        this.in = new Input(raw.in());
        this.out = new Output(raw.out());
        ticker.add(this);
    }

    /**
     * A connection that was accepted.
     *
     * @param raw the accepted socket, owned by the connection from now on
     * @param ticker keeps its deadlines
     * @param ledger is charged for what is read ahead
     * @return the connection, without TLS
     * @throws IOException when the peer has left already
     */
    static Connection accepted(Socket raw, Ticker ticker, Ledger ledger) throws IOException {
        try {
            return new Connection(new TcpTransport(raw, null), ticker);
        } catch (IOException e) {
            raw.close();
            throw e;
        }
    }

    /**
     * Connects to the first of several addresses that answers.
     *
     * @param addresses tried in order, each within an equal share of the limit
     * @param port 1 to 65535
     * @param limit for all of them together
     * @param ticker keeps its deadlines
     * @return the connection, without TLS
     * @throws SocketTimeoutException when the last address did not answer in time
     * @throws IOException when the last address refused
     */
    public static Connection connect(List<InetAddress> addresses, int port, Duration limit, Ticker ticker)
            throws IOException {
        return connect(addresses, port, limit, ticker, new Ledger(Long.MAX_VALUE));
    }

    /** Like {@link #connect(List, int, Duration, Ticker)}; {@code ledger} is charged for what is read ahead. */
    public static Connection connect(List<InetAddress> addresses, int port, Duration limit, Ticker ticker, Ledger ledger)
            throws IOException {
        int share = (int) Math.max(1, limit.toMillis() / addresses.size());
        IOException last = null;
        for (InetAddress address : addresses) {
            SocketChannel channel = SocketChannel.open();
            try {
                channel.socket().connect(new InetSocketAddress(address, port), share);
                return new Connection(new TcpTransport(channel.socket(), channel), ticker);
            } catch (IOException e) {
                channel.close();
                last = e;
            }
        }
        throw last;
    }

    /**
     * Connects to a Unix-domain socket; while its backlog is full, again and again.
     *
     * @param path of the socket, at most {@link #MAX_UNIX_PATH} bytes
     * @param limit for all attempts together
     * @param ticker keeps its deadlines
     * @return the connection, over which no TLS can be layered
     * @throws SocketTimeoutException when the backlog stayed full
     * @throws IOException when there is no such socket, or nobody listens on it
     */
    public static Connection connect(Path path, Duration limit, Ticker ticker) throws IOException {
        return new Connection(UnixTransport.connect(path, limit), ticker);
    }

    /**
     * Layers TLS over the connection in the server's role, continuing from a ClientHello that was read already. The
     * caller sets a deadline around it.
     *
     * @param context the server's keys
     * @param hello the bytes that were read
     * @throws IOException when the handshake fails
     */
    public void startTlsServer(SSLContext context, ClientHello hello) throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory()
                .createSocket(raw.socket(), new ByteArrayInputStream(hello.bytes()), true);
        socket.setUseClientMode(false);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"http/1.1"});
        parameters.setUseCipherSuitesOrder(true);
        socket.setSSLParameters(parameters);
        layer(socket);
    }

    /**
     * Layers TLS over the connection in the client's role. The caller sets a deadline around it; the certificate is
     * judged by the context's trust manager alone.
     *
     * @param context the trust, and perhaps a client's key
     * @param parameters the versions of TLS that will do; null for the context's own
     * @param host sent as SNI when it is a name
     * @param port the port of that host
     * @throws IOException when the handshake fails
     */
    public void startTlsClient(SSLContext context, SSLParameters parameters, String host, int port)
            throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(raw.socket(), host, port, true);
        socket.setUseClientMode(true);
        if (parameters != null) {
            socket.setSSLParameters(parameters);
        }
        layer(socket);
    }

    private void layer(SSLSocket socket) throws IOException {
        tls = socket;
        socket.startHandshake();
        in = new Input(socket.getInputStream());
        out = new Output(socket.getOutputStream());
    }

    /** Notes how long a read takes, and when bytes come: any byte is a sign of life, also one in the middle of a message. */
    private final class Input extends FilterInputStream {
        Input(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] b, int off, int len) throws IOException {
            limits.readBegins();
            try {
                return super.read(b, off, len);
            } finally {
                limits.heard(ticker.clock().nanos());
                limits.readEnds();
            }
        }
    }

    /** Notes how long a write takes. */
    private final class Output extends FilterOutputStream {
        Output(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] b, int off, int len) throws IOException {
            limits.writeBegins();
            try {
                out.write(b, off, len);
            } finally {
                limits.writeEnds();
            }
        }
    }

    /** How many nanoseconds nothing has come from the peer; {@code now} is the ticker's. Bytes that nobody has read yet count as heard. */
    public long silence(long now) {
        return limits.silence(now);
    }

    // ---- Time limits. Each belongs to whoever set it; who is late is killed. ----

    /** From now on the peer has so long for each read, counted from the beginning of the call; {@link #NO_LIMIT} for any time. */
    public void readLimit(Duration limit) {
        limits.read(limit);
    }

    /** From now on the peer has so long to take what one call writes. There is always such a limit, {@link #WRITE_LIMIT} at first. */
    public void writeLimit(Duration limit) {
        limits.write(limit);
    }

    /** From now on something must be read or written at least so often; {@link #NO_LIMIT} when it need not. */
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
        return limits.within(limit);
    }

    // ---- Whether the peer is still there. ----

    /**
     * Asks to be told when the peer leaves: it has reset the connection, or has ended its stream where {@link #endIsGone} says so, or this end has
     * closed it. Until the registration is closed a task reads ahead whenever nobody has been reading for a second.
     *
     * @param onGone runs once, at once when the peer has left already; must neither block nor throw
     */
    public Cancellation.Registration watch(Runnable onGone) {
        return gone.onCancel(onGone);
    }

    /** For peers that have left when their stream ends: visitors of HTTP, but not of sessions, which may go on reading. */
    public void endIsGone() {
        endIsGone = true;
    }

    /** Whether the peer is known to have left, or this end has closed the connection. */
    public boolean isGone() {
        return gone.cancelled();
    }

    /**
     * Where the peer's bytes come from.
     *
     * @return the stream of TLS where it is layered, else of the raw socket
     */
    public InputStream in() {
        return in;
    }

    /**
     * Where bytes to the peer go; each write is at least one TLS record and one system call.
     *
     * @return the stream of TLS where it is layered, else of the raw socket
     */
    public OutputStream out() {
        return out;
    }

    /**
     * Whether TLS is layered.
     *
     * @return true from the start of the handshake on
     */
    public boolean isTls() {
        return tls != null;
    }

    /**
     * The peer's address.
     *
     * @return the address and port that the raw socket was connected to, or that it was {@link #relayedFor}; null for a Unix socket
     */
    public InetSocketAddress peer() {
        return peer;
    }

    /**
     * The address that the peer connected to.
     *
     * @return the address and port that the raw socket is bound to, or those that it was {@link #relayedFor}; null for a Unix socket
     */
    public InetSocketAddress local() {
        InetSocketAddress told = relayedTo;
        return told == null ? raw.local() : told;
    }

    /**
     * The peer is a relay that is believed, and has said for whom it connects. By the task that reads, before anybody asks.
     *
     * @param source who has connected to it
     * @param destination where to
     */
    public void relayedFor(InetSocketAddress source, InetSocketAddress destination) {
        peer = source;
        relayedTo = destination;
    }

    /**
     * Kills the connection unless another deadline, or none, is set within {@code limit}. It belongs to the task that reads; the one that writes
     * has {@link #sendDeadline} for itself.
     *
     * @param limit from now; kept to within {@link Ticker#INTERVAL_NANOS}
     */
    public void deadline(Duration limit) {
        deadline = after(limit);
    }

    /** Takes back the deadline. */
    public void noDeadline() {
        deadline = NONE;
    }

    /**
     * Like {@link #deadline}, for the task that writes.
     *
     * @param limit from now; kept to within {@link Ticker#INTERVAL_NANOS}
     */
    public void sendDeadline(Duration limit) {
        sendDeadline = after(limit);
    }

    /** Takes back the sending deadline. */
    public void noSendDeadline() {
        sendDeadline = NONE;
    }

    private long after(Duration limit) {
        long at = ticker.clock().nanos() + limit.toNanos();
        return at == NONE ? 1 : at;
    }

    /**
     * Whether a deadline has killed the connection.
     *
     * @return true when it was too slow for somebody's limit
     */
    public boolean late() {
        return late;
    }

    @Override
    public void tick(long now) {
        if (isPast(deadline, now) || isPast(sendDeadline, now) || limits.isPast(now)) {
            late = true;
            kill();
        }
    }

    private static boolean isPast(long at, long now) {
        return at != NONE && now - at >= 0;
    }

    /**
     * Whether this end has closed it.
     *
     * @return true after {@link #kill}, whoever has called it
     */
    public boolean killed() {
        return killed;
    }

    /**
     * Whether an idle connection can no longer be used: the peer has closed it, or has sent what nobody asked for.
     * Only for connections made with {@link #connect}.
     *
     * @return true when it should be closed
     */
    public boolean stale() {
        return raw.stale(isTls());
    }

    /**
     * Ends the sending direction; the peer reads an end of stream and may go on sending.
     *
     * @throws IOException when the connection is gone
     */
    public void finish() throws IOException {
        if (tls != null) {
            tls.shutdownOutput();
        } else {
            raw.finish();
        }
    }

    /**
     * Ends the sending direction and drops what still comes, so that the peer can read what was said before the connection closes under
     * what it is sending.
     *
     * @param limit how long at most; the connection is closed within it, by whoever
     * @param maxBytes how much is dropped at most
     */
    public void linger(Duration limit, int maxBytes) {
        limits.endWithin(limit);
        try {
            finish();
            byte[] dropped = new byte[8 * 1024];
            int count;
            for (int sum = 0; sum < maxBytes && (count = in.read(dropped)) >= 0; sum += count) {
                // What still comes has been answered.
            }
        } catch (IOException e) {
            // The peer has gone.
        }
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
     * look complete. {@link #close} takes it back.
     *
     * @param on false unless set
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
        gone.cancel();
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
