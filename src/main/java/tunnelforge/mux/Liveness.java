package tunnelforge.mux;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import tunnelforge.net.Connection;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.Limits;

/**
 * Whether the peer of a data connection is alive, and how far away it is. A connection on which nothing comes is sent PING, and killed when nothing comes
 * after that either; one whose peer reads nothing is killed as well. Any task may call; nothing blocks.
 */
final class Liveness {
    private static final long PING_AFTER_NANOS = Limits.PING_AFTER.toNanos();
    private static final long DEAD_AFTER_NANOS = Limits.DEAD_AFTER.toNanos();
    /** For one write, at most some hundred KiB, to be taken: a peer that sends signs of life but reads nothing is dead all the same. */
    private static final long WRITE_LIMIT_NANOS = TimeUnit.SECONDS.toNanos(60);
    /** Where TCP alone holds a sender back, the local service may make it wait for as long as it may take to answer. */
    private static final long UNWINDOWED_WRITE_LIMIT_NANOS = TimeUnit.MINUTES.toNanos(10);
    private static final long MEASURE_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int FIRST_MEASUREMENTS = 4;

    private final Connection connection;
    private final FrameWriter writer;
    private final boolean windows;
    private final RoundTrip roundTrip = new RoundTrip();
    private int measurements;
    private volatile long pingSent;
    /** A session has the link for itself, or has had, and nothing has come since. */
    private volatile boolean paused;
    private volatile long resumed = System.nanoTime();

    /** {@code windows} is false where the peer need not answer PING, and TCP holds senders back. */
    Liveness(Connection connection, FrameWriter writer, boolean windows) {
        this.connection = connection;
        this.writer = writer;
        this.windows = windows;
    }

    RoundTrip roundTrip() {
        return roundTrip;
    }

    /** By the reading task, first of all. */
    void start() throws IOException {
        if (windows) {
            measure(System.nanoTime());
        }
    }

    /** A PONG has come; by the reading task. */
    void pong(long value) throws IOException {
        long sent = pingSent;
        if (value != sent) {
            return;
        }
        long now = System.nanoTime();
        roundTrip.measured(now - sent, now);
        if (++measurements < FIRST_MEASUREMENTS) {
            measure(now);
        }
    }

    /** Sends PING; never waits. */
    void measure(long now) throws IOException {
        FrameBuffer ping = new FrameBuffer(Limits.FRAME_HEADER + Limits.PING_PAYLOAD);
        ping.ping(now);
        pingSent = now;
        writer.post(ping);
    }

    /** Adds a PING to what is sent anyhow, when the last is some time ago. */
    void measureWith(FrameBuffer frames) {
        long now = System.nanoTime();
        if (now - pingSent > MEASURE_EVERY_NANOS) {
            frames.ping(now);
            pingSent = now;
        }
    }

    /** From now on nobody has to say anything, and a write may take as long as it takes: both wait for others. */
    void pause() {
        paused = true;
    }

    /** A frame has come since, or must come. */
    void resume() {
        if (paused) {
            resumed = System.nanoTime();
            paused = false;
        }
    }

    void tick(long now) {
        if (paused) {
            return;
        }
        if (writer.stalled(now, windows ? WRITE_LIMIT_NANOS : UNWINDOWED_WRITE_LIMIT_NANOS)) {
            connection.kill();
            return;
        }
        long silent = Math.min(connection.silence(now), now - resumed);
        if (!windows || silent < PING_AFTER_NANOS) {
            return;
        }
        if (silent > DEAD_AFTER_NANOS) {
            connection.kill();
        } else if (now - pingSent > PING_AFTER_NANOS) {
            try {
                measure(now);
            } catch (IOException e) {
                connection.kill();
            }
        }
    }
}
