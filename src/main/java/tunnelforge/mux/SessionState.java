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
 * <p>The lock is held for a few instructions, also while last frames are queued: so they leave in the order in which they are known here.
 */
final class SessionState {
    /** Which last frame there was in one direction. */
    private enum Last { NOT_YET, END, RESET }

    private static final long NONE = Long.MIN_VALUE;

    private final SessionCarrier carrier;
    private final int id;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private Connection peer;
    private Last sent = Last.NOT_YET;
    private Last received = Last.NOT_YET;
    private boolean finished;
    private boolean sentDone;
    private boolean receivedDone;
    private boolean lost;
    /** Set under the lock, before a RESET is posted; also asked under the carrier's lock, which is taken under this one. */
    private volatile ResetException failure;
    private long settleBy = NONE;

    SessionState(SessionCarrier carrier, int id) {
        this.carrier = carrier;
        this.id = id;
    }

    /** The peer is connected. */
    void begin(Connection with) {
        lock.lock();
        try {
            peer = with;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Whether DATA may still be sent; takes no lock. */
    boolean hasNoFailure() {
        return failure == null;
    }

    void requireNoFailure() throws ResetException {
        lock.lock();
        try {
            if (failure != null) {
                throw failure;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the peer; null when nothing more is to reach it. */
    Connection awaitPeer() throws WireException {
        lock.lock();
        try {
            if (received != Last.NOT_YET) {
                throw new WireException("DATA or END of a session after its END");
            }
            while (peer == null && failure == null) {
                changed.awaitUninterruptibly();
            }
            return failure == null ? peer : null;
        } finally {
            lock.unlock();
        }
    }

    // ---- What this side sends. ----

    /** Sends END, and with it DONE where the other side has ended before. */
    void sendEnd() throws ResetException {
        boolean free = false;
        lock.lock();
        try {
            requireNoFailure();
            FrameBuffer end = new FrameBuffer(Limits.FRAME_HEADER);
            end.end(id);
            if (post(end, By.WHOEVER_COMES)) {
                sent = Last.END;
                free = finish();
            }
        } finally {
            lock.unlock();
        }
        flush();
        tellIf(free);
    }

    /** Sends RESET, perhaps behind an END; nothing when there is no use in it any more, or it was sent before. By any task; never waits. */
    void reset(ResetException cause) {
        boolean free;
        lock.lock();
        try {
            if (failure != null || finished || lost) {
                return;
            }
            failure = cause;
            settleSoon();
            free = sendReset(cause.code(), cause.getMessage());
        } finally {
            lock.unlock();
        }
        tellIf(free);
    }

    /** Under the lock. True when the connection is free. */
    private boolean sendReset(ResetCode code, String reason) {
        FrameBuffer frame = new FrameBuffer(64);
        frame.reset(id, code, reason);
        sent = Last.RESET;
        return post(frame, By.FLUSH_TASK) && finish();
    }

    /** False when the data connection is gone; lose() follows. */
    private boolean post(FrameBuffer frame, By by) {
        try {
            carrier.post(frame, by);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Writes what was left, without the lock. Only in a session that was not reset: both sides still read what comes. */
    private void flush() {
        try {
            carrier.flush();
        } catch (IOException e) {
            // The data connection is gone, and lose() follows.
        }
    }

    // ---- What comes from the other side. ----

    /** The other side's END has been handed on. By the reading task, which may write what is then to be said: nothing but DONE is to come. */
    void received() {
        boolean free;
        boolean done;
        lock.lock();
        try {
            received = Last.END;
            free = finish();
            done = finished && failure == null;
        } finally {
            lock.unlock();
        }
        if (done) {
            flush();
        }
        tellIf(free);
    }

    /** The other side's RESET: aborts the peer, which ends the other task too, and is answered unless this side has sent a last frame. */
    void peerResets(ResetException cause) throws WireException {
        Connection abort;
        boolean free;
        lock.lock();
        try {
            requireNotDone();
            abort = finished ? null : peer;
            if (failure == null && !finished) {
                failure = cause;
            }
            settleSoon();
            received = Last.RESET;
            free = sent == Last.NOT_YET ? sendReset(ResetCode.CANCELLED, "") : finish();
        } finally {
            lock.unlock();
        }
        abort(abort);
        tellIf(free);
    }

    void peerIsDone() throws WireException {
        boolean free;
        lock.lock();
        try {
            requireNotDone();
            if (received == Last.NOT_YET) {
                throw new WireException("DONE before END or RESET");
            }
            receivedDone = true;
            free = free();
        } finally {
            lock.unlock();
        }
        tellIf(free);
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

    /** Under the lock. True when the connection is free, and its owner is to be told. */
    private boolean finish() {
        changed.signalAll();
        if (finished || lost || sent == Last.NOT_YET || received == Last.NOT_YET) {
            return false;
        }
        finished = true;
        if (!carrier.knowsDone()) {
            carrier.endWhenSent();
            return false;
        }
        sentDone = true;
        // Before DONE leaves, which the peer may answer with the next session.
        boolean free = free();
        FrameBuffer done = new FrameBuffer(Limits.FRAME_HEADER);
        done.done(id);
        return post(done, failure == null ? By.WHOEVER_COMES : By.FLUSH_TASK) && free;
    }

    private boolean free() {
        if (!sentDone || !receivedDone || lost) {
            return false;
        }
        carrier.free();
        return true;
    }

    private void tellIf(boolean free) {
        if (free) {
            carrier.placeFree();
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
            lock.unlock();
        }
    }

    /** The data connection has ended. By any task, and more than once; never waits. */
    void lose() {
        Connection abort;
        lock.lock();
        try {
            abort = markLost();
        } finally {
            lock.unlock();
        }
        abort(abort);
    }

    /** As {@link Session#giveUp}. */
    boolean giveUp(long now) {
        boolean overdue;
        Connection abort = null;
        lock.lock();
        try {
            if (!finished && settleBy == NONE && peer != null && peer.killed()) {
                settleSoon();
            }
            overdue = settleBy != NONE && now - settleBy > 0 && !(sentDone && receivedDone);
            if (overdue) {
                abort = markLost();
            }
        } finally {
            lock.unlock();
        }
        abort(abort);
        return overdue;
    }

    /** Under the lock. The peer that is to be aborted, or null. */
    private Connection markLost() {
        if (lost) {
            return null;
        }
        lost = true;
        changed.signalAll();
        if (finished) {
            return null;
        }
        if (failure == null) {
            failure = new ResetException(ResetCode.BROKEN_OFF, "the data connection was lost", false);
        }
        return peer;
    }

    private static void abort(Connection peer) {
        if (peer != null) {
            peer.abort();
        }
    }
}
