package tunnelforge.mux;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import tunnelforge.net.Clock;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.Limits;

/**
 * Which of the answers that an agent has sent on a data connection the server has got: a PING goes behind them, in their order, and its PONG says that all before it have
 * come. One PING is under way at a time, and leaves together with what is sent anyhow; the ticker sends one for what came last. Any task may call; nothing waits.
 */
final class Acknowledgements {
    /** So often at most; what has been sent in such a time is kept in two copies. */
    private static final long EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long NONE = 0;
    /** So that no value is one by which {@link Liveness} measures. */
    private static final long MARK = 0x7e00_0000_0000_0000L;

    private final FrameWriter writer;
    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<KeptAnswer.Piece> sent = new ArrayDeque<>();
    private long underWay = NONE;
    /** Of what was sent, so many are in front of the PING that is under way. */
    private int asked;
    private long count;
    private long askedAt;

    Acknowledgements(FrameWriter writer, Clock clock) {
        this.writer = writer;
        this.clock = clock;
        this.askedAt = clock.nanos();
    }

    /** Sends frames of which {@code piece} is kept; as {@link FrameWriter#send}. */
    boolean send(FrameBuffer frames, BooleanSupplier wanted, KeptAnswer.Piece piece) throws IOException {
        boolean asks = asks(frames);
        if (!writer.send(frames, wanted)) {
            if (asks) {
                takeBack();
            }
            return false;
        }
        // Only now: a PING that is sent by another task from here on is behind it.
        add(piece);
        return true;
    }

    /** Has been sent. */
    void add(KeptAnswer.Piece piece) {
        lock.lock();
        try {
            sent.add(piece);
        } finally {
            lock.unlock();
        }
    }

    /** Adds a PING when one is due: it answers for all that were sent before. */
    private boolean asks(FrameBuffer frames) {
        lock.lock();
        try {
            return underWay == NONE && !sent.isEmpty() && clock.nanos() - askedAt >= EVERY_NANOS && ask(frames);
        } finally {
            lock.unlock();
        }
    }

    private boolean ask(FrameBuffer frames) {
        underWay = MARK | ++count;
        askedAt = clock.nanos();
        asked = sent.size();
        frames.ping(underWay);
        return true;
    }

    /** The PING was not sent. */
    private void takeBack() {
        lock.lock();
        try {
            underWay = NONE;
        } finally {
            lock.unlock();
        }
    }

    /** By the ticker; {@code onFailure}: nothing can be sent any more. */
    void tick(Runnable onFailure) {
        FrameBuffer ping = new FrameBuffer(Limits.FRAME_HEADER + Limits.PING_PAYLOAD);
        if (asks(ping)) {
            try {
                writer.post(ping, FrameWriter.By.FLUSH_TASK);
            } catch (IOException e) {
                onFailure.run();
            }
        }
    }

    /** A PONG has come; by the reading task. */
    void pong(long value) {
        List<KeptAnswer.Piece> come = new ArrayList<>();
        lock.lock();
        try {
            if (value != underWay) {
                return;
            }
            for (int i = 0; i < asked; i++) {
                come.add(sent.remove());
            }
            underWay = NONE;
        } finally {
            lock.unlock();
        }
        come.forEach(KeptAnswer.Piece::acknowledged);
    }
}
