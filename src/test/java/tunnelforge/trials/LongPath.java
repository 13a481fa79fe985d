package tunnelforge.trials;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;

/**
 * A network path on which bytes take their time, both ways. Of one connection and direction {@link #UNDER_WAY} bytes may be on it at once, which is what Linux
 * lets a sender have (the most of {@code tcp_wmem}) unless it is told otherwise.
 */
final class LongPath implements AutoCloseable {
    private static final int UNDER_WAY = 4 * 1024 * 1024;
    private static final int PIECE = 64 * 1024;

    private record Piece(byte[] bytes, long due) {
    }

    private final ServerSocket listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    private final int to;
    private final long oneWayNanos;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    /** To {@code to} on this machine, there and back again within {@code roundTrip}. */
    LongPath(int to, Duration roundTrip) throws IOException {
        this.to = to;
        this.oneWayNanos = roundTrip.toNanos() / 2;
        Thread.ofPlatform().daemon().name("long path").start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    private void accept() {
        try {
            while (true) {
                Socket near = listener.accept();
                Socket far = new Socket(InetAddress.getLoopbackAddress(), to);
                for (Socket socket : new Socket[] {near, far}) {
                    socket.setTcpNoDelay(true);
                    open.add(socket);
                }
                carry(near, far);
                carry(far, near);
            }
        } catch (IOException e) {
            // Closed in the end.
        }
    }

    private void carry(Socket from, Socket into) {
        LinkedBlockingQueue<Piece> path = new LinkedBlockingQueue<>();
        Semaphore room = new Semaphore(UNDER_WAY / PIECE);
        Thread.ofPlatform().daemon().name("onto the path").start(() -> {
            try {
                InputStream in = from.getInputStream();
                byte[] buffer = new byte[PIECE];
                int count;
                do {
                    room.acquire();
                    count = in.read(buffer);
                    path.add(new Piece(count < 0 ? null : Arrays.copyOf(buffer, count), System.nanoTime() + oneWayNanos));
                } while (count >= 0);
            } catch (IOException | InterruptedException e) {
                path.add(new Piece(null, System.nanoTime()));
            }
        });
        Thread.ofPlatform().daemon().name("off the path").start(() -> {
            try {
                OutputStream out = into.getOutputStream();
                Piece piece;
                while ((piece = path.take()).bytes != null) {
                    for (long left; (left = piece.due - System.nanoTime()) > 0;) {
                        LockSupport.parkNanos(left);
                    }
                    out.write(piece.bytes);
                    room.release();
                }
                into.shutdownOutput();
            } catch (IOException | InterruptedException e) {
                close(from);
            }
        });
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // Closed is what was wanted.
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        open.forEach(LongPath::close);
    }
}
