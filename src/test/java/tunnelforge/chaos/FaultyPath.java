package tunnelforge.chaos;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A path from agents to the server with faults on demand. Each connection reaches the server from an address of its own (127.N.x.y), so that what the server logs of its peers
 * tells which one is a control connection. What the path does to one of them is {@link Link}.
 */
final class FaultyPath implements AutoCloseable {
    private static final int BACKLOG = 1000;

    private final ServerSocket listener = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
    private final int to;
    private final int net;
    private final AtomicInteger number = new AtomicInteger();
    private final ConcurrentHashMap<String, Link> links = new ConcurrentHashMap<>();
    private volatile CountDownLatch light = new CountDownLatch(0);

    /**
     * @param to the server's port
     * @param net the N of the addresses, different for each path to a server
     */
    FaultyPath(int to, int net) throws IOException {
        this.to = to;
        this.net = net;
        Thread.ofPlatform().daemon().name("faulty path").start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    private void accept() {
        try {
            while (true) {
                Socket agent = listener.accept();
                Thread.ofVirtual().name("onto the path").start(() -> connect(agent));
            }
        } catch (IOException e) {
            // Closed in the end.
        }
    }

    private void connect(Socket agent) {
        try {
            light.await();
            int n = number.incrementAndGet();
            String address = "127." + net + "." + (n >> 8 & 0xff) + "." + (n & 0xff);
            Socket server = new Socket(InetAddress.getLoopbackAddress(), to, InetAddress.getByName(address), 0);
            Link link = new Link(address, agent, server, links::remove);
            links.put(address, link);
            link.start();
        } catch (IOException | InterruptedException e) {
            Link.reset(agent);
        }
    }

    /** What is connected now. */
    List<Link> links() {
        return List.copyOf(links.values());
    }

    /** The connection that the server knows by this address; null when it has ended. */
    Link link(String address) {
        return links.get(address);
    }

    /** How many connections there have been. */
    int opened() {
        return number.get();
    }

    /** From now on all that is under way is lost, and what connects meets nothing until {@link #lighten}; nobody is told. */
    List<Link> darken() {
        light = new CountDownLatch(1);
        List<Link> lost = links();
        lost.forEach(Link::swallow);
        return lost;
    }

    /** What connected meanwhile goes on, as by TCP's retransmissions; what was under way stays lost. */
    void lighten() {
        light.countDown();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        links().forEach(Link::reset);
    }
}
