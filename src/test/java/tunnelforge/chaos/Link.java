package tunnelforge.chaos;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;

/** One connection on a {@link FaultyPath}: a task takes from each end, another gives to the other. Ends when both ends have, or by a fault. */
final class Link {
    private static final int PIECE = 16 * 1024;
    private static final int UNDER_WAY = 64;

    private final String address;
    private final Direction up;
    private final Direction down;
    private final BiConsumer<String, Link> whenOver;
    private final AtomicInteger directionsLeft = new AtomicInteger(2);
    private volatile String tunnel;
    private volatile boolean swallowing;
    private volatile long delayNanos;
    private volatile long bytesPerSecond;

    /** Bytes, or null for the end, that reach the other end not before a time. */
    private record Piece(byte[] bytes, long due) {
    }

    /** One direction of it. */
    private final class Direction {
        private final Socket from;
        private final Socket into;
        private final LinkedBlockingQueue<Piece> queue = new LinkedBlockingQueue<>();
        private final Semaphore room = new Semaphore(UNDER_WAY);
        private volatile boolean cutOff;
        /** When {@link #from} was seen to end, in any way; 0 while it has not. */
        private volatile long endedAt;

        private Direction(Socket from, Socket into) {
            this.from = from;
            this.into = into;
        }

        private void start() {
            Thread.ofVirtual().name("onto the path").start(this::take);
            Thread.ofVirtual().name("off the path").start(this::give);
        }

        private void take() {
            try {
                byte[] buffer = new byte[PIECE];
                int count;
                while ((count = from.getInputStream().read(buffer)) >= 0) {
                    if (!swallowing && !cutOff) {
                        room.acquire();
                        queue.add(new Piece(Arrays.copyOf(buffer, count), System.nanoTime() + delayNanos));
                    }
                }
                ended(false);
            } catch (IOException | InterruptedException e) {
                ended(true);
            }
        }

        private void ended(boolean broken) {
            endedAt = System.nanoTime();
            if (swallowing) {
                close(from);
            } else if (broken) {
                reset();
            }
            queue.add(new Piece(null, System.nanoTime() + delayNanos));
        }

        private void give() {
            try {
                Piece piece;
                while ((piece = queue.take()).bytes != null) {
                    awaitDue(piece);
                    if (!swallowing && !cutOff) {
                        into.getOutputStream().write(piece.bytes);
                    }
                    room.release();
                }
                awaitDue(piece);
                if (!swallowing && !cutOff) {
                    into.shutdownOutput();
                }
            } catch (IOException | InterruptedException e) {
                room.release(UNDER_WAY);
                if (!swallowing) {
                    reset();
                }
            }
            if (directionsLeft.decrementAndGet() == 0) {
                cut();
            }
        }

        private void awaitDue(Piece piece) {
            long rate = bytesPerSecond;
            long due = rate == 0 || piece.bytes == null ? piece.due : Math.max(piece.due, System.nanoTime() + piece.bytes.length * 1_000_000_000L / rate);
            for (long left; (left = due - System.nanoTime()) > 0;) {
                LockSupport.parkNanos(left);
            }
        }

        /** The receiving end sees an end of stream; the sending one is told nothing. */
        private void cutOff() throws IOException {
            cutOff = true;
            into.shutdownOutput();
        }
    }

    /**
     * @param address where the server sees it come from
     * @param whenOver is told once or more, with the address
     */
    Link(String address, Socket agent, Socket server, BiConsumer<String, Link> whenOver) throws IOException {
        this.address = address;
        this.up = new Direction(agent, server);
        this.down = new Direction(server, agent);
        this.whenOver = whenOver;
        agent.setTcpNoDelay(true);
        server.setTcpNoDelay(true);
    }

    void start() {
        up.start();
        down.start();
    }

    /** The address of the tunnel whose control connection it is; null for a data connection, and for one of which that is not known yet. */
    String tunnel() {
        return tunnel;
    }

    void tunnel(String url) {
        tunnel = url;
    }

    /** When the agent's end was seen to close; 0 while it is open. */
    long agentEndedAt() {
        return up.endedAt;
    }

    long serverEndedAt() {
        return down.endedAt;
    }

    // ---- Faults. ----

    /** Both ends see an end of stream. */
    void cut() {
        close(up.from);
        close(down.from);
        whenOver.accept(address, this);
    }

    /** Both ends see an RST. */
    void reset() {
        reset(up.from);
        reset(down.from);
        whenOver.accept(address, this);
    }

    /** One end sees an end of stream, and is still heard. */
    void halfClose(boolean server) throws IOException {
        (server ? up : down).cutOff();
    }

    /** From now on bytes and ends go astray, and nobody is told. */
    void swallow() {
        swallowing = true;
    }

    /** Each byte takes this much longer. */
    void delay(Duration time) {
        delayNanos = time.toNanos();
    }

    /** Bytes a second each way; 0 for any number. */
    void slow(long rate) {
        bytesPerSecond = rate;
    }

    static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            close(socket);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // Closed is what was wanted.
        }
    }
}
