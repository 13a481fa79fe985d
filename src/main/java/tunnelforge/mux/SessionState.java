package tunnelforge.mux;

import java.io.IOException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import tunnelforge.mux.FrameWriter.By;
import tunnelforge.net.Connection;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ResetCode;
import tunnelforge.wire.WireException;

/**
 * How far a session has come to its end, and who waits for that.
 *
 * <pre>
 *   RUNNING ──a last frame (END, RESET) sent and one received and handed on──▶ FINISHED ──DONE sent and received──▶ FREE
 *   anything before FREE ──the data connection is lost, or given up──▶ LOST
 * </pre>
 *
 * <p>Long, because each end of a session can come in the middle of every other. The lock is held for a few instructions, also while last frames are queued: so they leave in the order in which they are known here.
 */
final class SessionState {
    private static final long NONE = Long.MIN_VALUE;

    private final SessionCarrier carrier;
    private final int id;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private Connection peer;
    private boolean sentLast;
    private boolean receivedLast;
    /** Both directions have ended; with a peer that knows DONE, this side says so. */
    private boolean finished;
    private boolean receivedDone;
    private boolean lost;
    /** Set under the lock, before a RESET is posted; also asked under the carrier's lock, which is taken under this one. */
    private volatile ResetException failure;
    private long settleBy = NONE;
    /** What {@link #unlock} is to do: write what this task has queued, abort this peer, tell that the connection is free. */
    private boolean toFlush;
    private Connection toAbort;
    private boolean toTell;

    SessionState(SessionCarrier carrier, int id) {
        this.carrier = carrier;
        this.id = id;
    }

    /** Then does what was decided under the lock and must not be done under it. */
    private void unlock() {
        if (lock.getHoldCount() > 1) {
            // What this task does under the lock has lost the connection, and has called lose(): the outer call does the rest.
            lock.unlock();
            return;
        }
        boolean flush = toFlush;
        Connection abort = toAbort;
        boolean tell = toTell;
        toFlush = false;
        toAbort = null;
        toTell = false;
        lock.unlock();
        if (flush) {
            try {
                carrier.flush();
            } catch (IOException e) {
                // The data connection is gone, and lose() follows.
            }
        }
        if (abort != null) {
            abort.abort();
        }
        if (tell) {
            carrier.placeFree();
        }
    }

    /** The peer is connected. */
    void begin(Connection with) {
        lock.lock();
        try {
            peer = with;
            changed.signalAll();
        } finally {
            unlock();
        }
    }

    /** Whether DATA may still be sent; takes no lock. */
    boolean hasNoFailure() {
        return failure == null;
    }

    /** Takes no lock. */
    void requireNoFailure() throws ResetException {
        if (failure != null) {
            throw failure;
        }
    }

    /** Waits for the peer; null when nothing more is to reach it. */
    Connection awaitPeer() throws WireException {
        lock.lock();
        try {
            if (receivedLast) {
                throw new WireException("DATA or END of a session after its END");
            }
            while (peer == null && failure == null) {
                changed.awaitUninterruptibly();
            }
            return failure == null ? peer : null;
        } finally {
            unlock();
        }
    }

    // ---- What this side sends. ----

    /** Sends END, and with it DONE where the other side has ended before. */
    void sendEnd() throws ResetException {
        lock.lock();
        try {
            requireNoFailure();
            FrameBuffer end = new FrameBuffer(Limits.FRAME_HEADER);
            end.end(id);
            if (post(end, By.WHOEVER_COMES)) {
                sentLast = true;
                finish(By.WHOEVER_COMES);
                toFlush = true;
            }
        } finally {
            unlock();
        }
    }

    /** Sends RESET, perhaps behind an END; nothing when there is no use in it any more, or it was sent before. By any task; never waits. */
    void reset(ResetCode code, String reason) {
        lock.lock();
        try {
            if (failure == null && !finished && !lost) {
                failure = new ResetException(code, reason, false);
                settleSoon();
                sendReset(code, reason);
            }
        } finally {
            unlock();
        }
    }

    /** Under the lock. */
    private void sendReset(ResetCode code, String reason) {
        FrameBuffer frame = new FrameBuffer(64);
        frame.reset(id, code, reason);
        sentLast = true;
        if (post(frame, By.FLUSH_TASK)) {
            finish(By.FLUSH_TASK);
        }
    }

    /** Under the lock. False when the data connection is gone; lose() follows. */
    private boolean post(FrameBuffer frame, By by) {
        try {
            carrier.post(frame, by);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    // ---- What comes from the other side. ----

    /**
     * The other side's END has been handed on. By the reading task, which is to write only where it cannot be held up by that: the other side may read nothing, or be gone.
     *
     * @param sentLittle all that this side has sent fits into the kernel's buffers
     */
    void received(boolean sentLittle) {
        lock.lock();
        try {
            receivedLast = true;
            toFlush = sentLittle && failure == null;
            finish(toFlush ? By.WHOEVER_COMES : By.FLUSH_TASK);
        } finally {
            unlock();
        }
    }

    /** The other side's RESET: aborts the peer, which ends the other task too, and is answered unless this side has sent a last frame. */
    void peerResets(ResetException cause) throws WireException {
        lock.lock();
        try {
            requireNotDone();
            if (!finished) {
                toAbort = peer;
                failure = failure == null ? cause : failure;
            }
            settleSoon();
            receivedLast = true;
            if (sentLast) {
                finish(By.FLUSH_TASK);
            } else {
                sendReset(ResetCode.CANCELLED, "");
            }
        } finally {
            unlock();
        }
    }

    void peerIsDone() throws WireException {
        lock.lock();
        try {
            requireNotDone();
            if (!receivedLast) {
                throw new WireException("DONE before END or RESET");
            }
            receivedDone = true;
            freeWhenDone();
        } finally {
            unlock();
        }
    }

    private void requireNotDone() throws WireException {
        if (receivedDone) {
            throw new WireException("a frame of a session after its DONE");
        }
    }

    // ---- The end. ----

    private void settleSoon() {
        settleBy = carrier.clock().nanos() + Limits.RESET_SETTLES_WITHIN.toNanos();
    }

    /** Under the lock: when both directions have ended, that is said. */
    private void finish(By by) {
        changed.signalAll();
        if (finished || lost || !sentLast || !receivedLast) {
            return;
        }
        finished = true;
        if (!carrier.knowsDone()) {
            carrier.endWhenSent();
            return;
        }
        // Before DONE leaves, which the peer may answer with the next session.
        freeWhenDone();
        FrameBuffer done = new FrameBuffer(Limits.FRAME_HEADER);
        done.done(id);
        toTell &= post(done, by);
    }

    private void freeWhenDone() {
        if (finished && receivedDone && !lost) {
            carrier.free();
            toTell = true;
        }
    }

    /** Waits until both directions have ended, or the data connection has. */
    void awaitFinished() {
        lock.lock();
        try {
            while (!finished && !lost) {
                changed.awaitUninterruptibly();
            }
        } finally {
            unlock();
        }
    }

    /** The data connection has ended. By any task, and more than once; never waits. */
    void lose() {
        lock.lock();
        try {
            if (lost) {
                return;
            }
            lost = true;
            changed.signalAll();
            if (!finished) {
                toAbort = peer;
                failure = failure == null ? new ResetException(ResetCode.BROKEN_OFF, "the data connection was lost", false) : failure;
            }
        } finally {
            unlock();
        }
    }

    /** As {@link Session#giveUp}. */
    boolean giveUp(long now) {
        lock.lock();
        try {
            if (!finished && settleBy == NONE && peer != null && peer.killed()) {
                settleSoon();
            }
            boolean overdue = settleBy != NONE && now - settleBy > 0 && !(finished && receivedDone);
            if (overdue) {
                lose();
            }
            return overdue;
        } finally {
            unlock();
        }
    }
}
