package tunnelforge;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A Unix-domain socket in front of a {@link ScriptedService}: each connection is passed on, byte for byte, each direction ending by itself. */
final class UnixFront implements AutoCloseable {
    private final Path path;
    private final int port;
    private final ServerSocketChannel listener;
    private final AtomicInteger pumps = new AtomicInteger();
    private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();

    UnixFront(Path path, ScriptedService service) throws IOException {
        this.path = path;
        this.port = service.port();
        this.listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(path));
        Thread.ofVirtual().name("unix front").start(this::run);
    }

    private void run() {
        try {
            while (true) {
                SocketChannel near = listener.accept();
                SocketChannel far = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                open.add(near);
                open.add(far);
                pumps.addAndGet(2);
                Thread.ofVirtual().name("unix front in").start(() -> pump(near, far));
                Thread.ofVirtual().name("unix front out").start(() -> pump(far, near));
            }
        } catch (IOException e) {
            // Closed in the end.
        }
    }

    private void pump(SocketChannel from, SocketChannel to) {
        ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
        try {
            while (from.read(buffer.clear()) >= 0) {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    to.write(buffer);
                }
            }
            to.shutdownOutput();
        } catch (IOException e) {
            close(from);
            close(to);
        } finally {
            pumps.decrementAndGet();
        }
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // Closed is what was wanted.
        }
    }

    /** No socket is left, as if the service had never run. */
    @Override
    public void close() throws IOException {
        listener.close();
        open.forEach(UnixFront::close);
        // A socket is closed when nobody reads from it any more.
        Eventually.await("nothing is passed on", () -> pumps.get() == 0);
        Files.deleteIfExists(path);
    }
}
