package tunnelforge;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The local service behind a tunnel, played by the test: either byte by byte on the test's own thread ({@link #accept}), or by a handler that is
 * called for each request ({@link #serve}).
 */
public final class ScriptedService implements AutoCloseable {
    /** Answers one request, whose body has been read. */
    public interface Handler {
        /** Sends a whole response; false when the connection is to be closed behind it. */
        boolean answer(Message request, Peer connection) throws Exception;
    }

    /** Plays a whole connection, which is closed behind it. */
    public interface Player {
        /** Reads and sends whatever it likes. */
        void play(Peer connection) throws Exception;
    }

    private static final int BACKLOG = 1024;
    private static final Set<Socket> CLOSED = ConcurrentHashMap.newKeySet();

    private final ServerSocket listener = new ServerSocket();
    private final LinkedBlockingQueue<Peer> accepted = new LinkedBlockingQueue<>();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    /** By the ports that {@link #acceptAll} connects from. */
    private final Map<Integer, CountDownLatch> markers = new ConcurrentHashMap<>();
    private final AtomicInteger count = new AtomicInteger();
    private final AtomicInteger requests = new AtomicInteger();
    private volatile Handler handler;
    private volatile Player player;

    public ScriptedService() throws IOException {
        this(0);
    }

    /** One that comes later, at a {@link #portForLater}. */
    public ScriptedService(int port) throws IOException {
        listener.setReuseAddress(true);
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
        Thread.ofVirtual().name("scripted service").start(this::run);
    }

    private void run() {
        try {
            while (true) {
                Socket socket = listener.accept();
                CountDownLatch marker = markers.remove(socket.getPort());
                if (marker != null) {
                    socket.close();
                    marker.countDown();
                    continue;
                }
                open.add(socket);
                Peer peer = new Peer(socket, socket);
                count.incrementAndGet();
                Handler now = handler;
                Player plays = player;
                if (plays != null) {
                    Thread.ofVirtual().name("scripted connection").start(() -> play(socket, peer, plays));
                } else if (now == null) {
                    accepted.add(peer);
                } else {
                    Thread.ofVirtual().name("scripted request").start(() -> serve(socket, peer, now));
                }
            }
        } catch (IOException e) {
            // Closed in the end.
        }
    }

    private void play(Socket socket, Peer peer, Player plays) {
        try (socket) {
            plays.play(peer);
        } catch (Exception e) {
            // What a test expects it sees at the visitor.
        } finally {
            open.remove(socket);
        }
    }

    private void serve(Socket socket, Peer peer, Handler now) {
        try (socket) {
            socket.setSoTimeout(0);
            String head;
            boolean more = true;
            while (more && (head = peer.readHeadOrNull()) != null) {
                requests.incrementAndGet();
                Message request = new Message(head);
                peer.readBody(request, false);
                more = now.answer(request, peer);
            }
        } catch (Exception e) {
            // The agent closes connections when visitors leave; what a test expects it sees at the visitor.
        } finally {
            open.remove(socket);
        }
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** From now on this answers whatever comes on new connections. */
    public ScriptedService serve(Handler newHandler) {
        handler = newHandler;
        return this;
    }

    /** From now on this plays new connections; for what is not HTTP. */
    public ScriptedService play(Player newPlayer) {
        player = newPlayer;
        return this;
    }

    /** Answers every request with 200 and this text. */
    public ScriptedService serveText(String text) {
        return serve((request, connection) -> {
            respond(connection, text);
            return true;
        });
    }

    /** Sends a 200 with this text. */
    public static void respond(Peer connection, String text) throws IOException {
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + text.length() + "\r\n\r\n" + text);
    }

    /** The next connection, for the test to play. */
    public Peer accept() throws InterruptedException {
        Peer peer = accepted.poll(Peer.LIMIT.toNanos(), TimeUnit.NANOSECONDS);
        if (peer == null) {
            throw new AssertionError("no connection to the local service within " + Peer.LIMIT);
        }
        return peer;
    }

    /**
     * The next connection that begins with {@code first}, which is taken from it. What a visitor of before left behind, and was connected only now, is
     * passed over.
     */
    public Peer accept(String first) throws InterruptedException {
        while (true) {
            Peer peer = accept();
            try {
                if (peer.readText(first.length()).equals(first)) {
                    return peer;
                }
            } catch (IOException e) {
                // It has ended.
            }
        }
    }

    /** The next connection if it has come already, or null. */
    public Peer acceptNow() {
        return accepted.poll();
    }

    /** Connections so far. */
    public int accepted() {
        return count.get();
    }

    /** Requests that the handler was called for so far. */
    public int requests() {
        return requests.get();
    }

    /** A port on which nothing listens, nor will: it is bound for as long as the tests run, so that no other test gets it. */
    public static int closedPort() throws IOException {
        return bound(false);
    }

    /** The same, but that a {@link #ScriptedService(int) service} may come there. The system may give it to others as well. */
    public static int portForLater() throws IOException {
        return bound(true);
    }

    private static int bound(boolean shared) throws IOException {
        Socket bound = new Socket();
        bound.setReuseAddress(shared);
        bound.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        CLOSED.add(bound);
        return bound.getLocalPort();
    }

    /** A port on which nothing listens at this moment. */
    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** As if started anew: connections are closed, and no handler is set. */
    public void reset() throws IOException {
        acceptAll();
        handler = null;
        player = null;
        for (Socket socket : open) {
            socket.close();
        }
        open.clear();
        accepted.clear();
        count.set(0);
        requests.set(0);
    }

    /** What was connected before, and perhaps is broken by now, is not to be the next test's first connection. */
    private void acceptAll() throws IOException {
        if (listener.isClosed()) {
            return;
        }
        CountDownLatch reached = new CountDownLatch(1);
        try (Socket marker = new Socket()) {
            marker.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            markers.put(marker.getLocalPort(), reached);
            marker.connect(listener.getLocalSocketAddress());
            if (!reached.await(Peer.LIMIT.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new AssertionError("the local service does not accept what was connected before");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        reset();
    }
}
