package tunnelforge;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/** A network between agent and server that can be cut. An agent's first connection through it is its control connection. */
public final class Relay implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
    private volatile int to;
    private final List<Link> links = new CopyOnWriteArrayList<>();
    private volatile boolean refusing;
    private final AtomicInteger opened = new AtomicInteger();

    /** One relayed connection. */
    public final class Link {
        private final Socket near;
        private final Socket far;

        private Link(Socket near, Socket far) {
            this.near = near;
            this.far = far;
        }

        /** Both ends see the connection broken. */
        public void cut() throws IOException {
            links.remove(this);
            for (Socket socket : List.of(near, far)) {
                socket.setSoLinger(true, 0);
                socket.close();
            }
        }
    }

    public Relay(int to) throws IOException {
        this.to = to;
        Thread.ofVirtual().name("relay").start(this::accept);
    }

    private void accept() {
        try {
            while (true) {
                Socket near = listener.accept();
                Socket far = refusing ? null : connect();
                if (far == null) {
                    near.setSoLinger(true, 0);
                    near.close();
                    continue;
                }
                near.setTcpNoDelay(true);
                far.setTcpNoDelay(true);
                links.add(new Link(near, far));
                opened.incrementAndGet();
                Thread.ofVirtual().start(() -> copy(near, far));
                Thread.ofVirtual().start(() -> copy(far, near));
            }
        } catch (IOException e) {
            // Closed in the end.
        }
    }

    /** Null when nobody is there. */
    private Socket connect() {
        try {
            return new Socket(InetAddress.getLoopbackAddress(), to);
        } catch (IOException e) {
            return null;
        }
    }

    private void copy(Socket from, Socket to) {
        byte[] buffer = new byte[64 * 1024];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            int count;
            while ((count = in.read(buffer)) >= 0) {
                out.write(buffer, 0, count);
            }
            to.shutdownOutput();
        } catch (IOException e) {
            links.stream().filter(link -> link.near == from || link.far == from).forEach(Relay::cutQuietly);
        }
    }

    private static void cutQuietly(Link link) {
        try {
            link.cut();
        } catch (IOException e) {
            // Cut already.
        }
    }

    /** Leads new connections to another port. */
    public void redirect(int port) {
        to = port;
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** How many connections have been relayed so far. */
    public int opened() {
        return opened.get();
    }

    /** What was relayed and not cut, oldest first. */
    public List<Link> links() {
        return List.copyOf(links);
    }

    /** Cuts everything that is relayed now. */
    public void cutAll() throws IOException {
        for (Link link : links()) {
            link.cut();
        }
    }

    /** Cuts all but the oldest {@code kept}, and whatever comes until {@code gone}. */
    public void cutAllBut(int kept, BooleanSupplier gone) {
        refuse(true);
        Eventually.await("what was cut is gone", () -> {
            links().stream().skip(kept).forEach(Relay::cutQuietly);
            return gone.getAsBoolean();
        });
    }

    /** Whether new connections are cut at once. */
    public void refuse(boolean on) {
        refusing = on;
    }

    @Override
    public void close() throws IOException {
        listener.close();
        links().forEach(Relay::cutQuietly);
    }
}
