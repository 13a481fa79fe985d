package tunnelforge.mux;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import tunnelforge.wire.FrameBuffer;

/**
 * Sends again, on the connection that has come to carry an exchange, what the peer has not got of its answer. A task of its own, which ends when all of that has left, or when
 * the connection carries the exchange no longer. Until then nothing else of the exchange is sent, so that frames keep their order.
 */
final class Replay implements Runnable {
    private static final int FRAMES = 1024;

    private final ExchangeState state;
    private final SendWindow window;
    private final Attachment to;
    private final KeptAnswer.Cursor cursor;
    private final Runnable whenEnded;
    /** For credit. */
    private final Waiter waiter;
    private volatile boolean ended;

    /** {@code whenEnded}: called under the exchange's lock. */
    Replay(ExchangeState state, SendWindow window, Attachment to, KeptAnswer.Cursor cursor, Runnable whenEnded) {
        this.state = state;
        this.window = window;
        this.to = to;
        this.cursor = cursor;
        this.whenEnded = whenEnded;
        this.waiter = state.newWaiter();
    }

    /** The task to wake since there is more credit, or null; under the exchange's lock. */
    Thread takeWaiter() {
        return waiter.take();
    }

    /** Nothing more is to be sent here; under the exchange's lock. */
    void end() {
        if (!ended) {
            ended = true;
            waiter.wake();
            whenEnded.run();
        }
    }

    @Override
    public void run() {
        FrameBuffer frames = new FrameBuffer(FRAMES);
        List<KeptAnswer.Piece> covered = new ArrayList<>();
        try {
            while (fill(frames, covered)) {
                if (isLast()) {
                    // Before the peer can know of it, so that a place is free when its next request comes.
                    to.forget();
                }
                to.send(frames, () -> !ended);
                covered.forEach(to::isSent);
                frames.clear();
                covered.clear();
            }
            // What the peer had anyhow.
            covered.forEach(to::isSent);
        } catch (IOException e) {
            endLost();
        }
        if (state.isOver()) {
            to.forget();
        }
    }

    /** Waits for credit where that is needed. Returns false when nothing is to be sent any more: only now, when all of it has left, what follows may leave. */
    private boolean fill(FrameBuffer frames, List<KeptAnswer.Piece> covered) {
        state.lock();
        try {
            while (!ended) {
                window.use(cursor.fill(frames, (int) Math.min(window.credit(), to.maxFrame()), covered));
                if (frames.length() > 0) {
                    return true;
                }
                if (cursor.isThrough()) {
                    end();
                } else {
                    waiter.await();
                }
            }
            return false;
        } finally {
            state.unlock();
        }
    }

    private boolean isLast() {
        state.lock();
        try {
            return !ended && state.isOver() && cursor.isThrough();
        } finally {
            state.unlock();
        }
    }

    /** That connection is lost as well. */
    private void endLost() {
        state.lock();
        try {
            end();
        } finally {
            state.unlock();
        }
    }
}
