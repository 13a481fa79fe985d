package tunnelforge.mux;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import tunnelforge.net.Clock;
import tunnelforge.net.Connection;
import tunnelforge.net.Ledger;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ResetCode;
import tunnelforge.wire.WireException;

/**
 * One TCP or TLS session, seen from one side: bytes between a data connection, which is its alone meanwhile, and a peer, which is the visitor on one side and the local
 * service on the other. Two tasks carry them: the one that {@link #run}s it reads from the peer and sends; the data connection's reading task writes to the peer,
 * and waits for it, so that TCP's own back-pressure goes all the way and no windows are needed.
 *
 * <pre>
 *   from the peer   end of stream ──▶ END ─┐            END   ──▶ end of stream to the peer
 *                   reset       ──▶ RESET ─┴─▶ DONE     RESET ──▶ reset;  a lost data connection ──▶ reset
 *
 *   RUNNING ──a last frame (END, RESET) sent and one received and handed on──▶ FINISHED ──DONE sent and received──▶ the connection is free
 * </pre>
 *
 * <p>Whoever receives RESET before it has sent its last frame answers with RESET. With a peer that does not know DONE the connection ends after its session. What was
 * reset and is not through within {@link Limits#RESET_SETTLES_WITHIN} costs the data connection.
 */
public final class Session {
    /** What carries a session: nothing but {@link #send} waits. */
    interface Carrier {
        /** Waits while the queue is full. */
        void send(FrameBuffer frames) throws IOException;

        /** Behind what is queued. */
        void post(FrameBuffer frames) throws IOException;

        /** Whether the peer knows DONE. */
        boolean knowsDone();

        /** The session has the connection no longer, though nobody is told yet. */
        void free();

        /** Another session may begin on the connection. */
        void placeFree();

        /** Closes the connection when all that is queued has been sent. */
        void endWhenSent();

        Clock clock();
    }

    /** Four TLS records of 16,367 bytes, with the header of the frame: not a byte into a fifth. */
    private static final int PIECE = 4 * 16_367 - Limits.FRAME_HEADER;
    private static final int FIRST_PIECE = 4 * 1024;
    private static final long NONE = Long.MIN_VALUE;

    /** Which last frame there was in one direction. */
    private enum Last { NOT_YET, BEING_SENT, END, RESET }

    private final Carrier carrier;
    private final int id;
    private final Ledger growth;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private Connection peer;
    private Last sent = Last.NOT_YET;
    private Last received = Last.NOT_YET;
    private boolean finished;
    private boolean sentDone;
    private boolean receivedDone;
    private boolean lost;
    private ResetException failure;
    private long settleBy = NONE;

    /** {@code growth} is charged for larger pieces; null where whoever opens the session has reserved them. */
    Session(Carrier carrier, int id, Ledger growth) {
        this.carrier = carrier;
        this.id = id;
        this.growth = growth;
    }

    int id() {
        return id;
    }

    /**
     * Carries the session to its end. The peer is the caller's to close, and has had its reset when this throws.
     *
     * @param with the peer, connected
     * @param idleLimit kills the peer when nothing goes either way for this long
     * @param first what has been read from the peer already; perhaps empty
     * @throws ResetException when it was not by the end of both directions
     */
    public void run(Connection with, Duration idleLimit, byte[] first) throws ResetException {
        lock.lock();
        try {
            peer = with;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        // Whoever ends it before its time: a limit, a program that stops.
        with.breakWhenKilled(true);
        with.writeLimit(idleLimit);
        with.idleLimit(idleLimit);
        try {
            // What was reset before it had a peer could not reset that: nothing would end it.
            requireNoFailure();
            sendAll(with.in(), first);
        } catch (ResetException e) {
            // It is finished, or ends by itself.
        } catch (IOException e) {
            reset(ResetCode.CANCELLED, "the peer's connection broke off");
        }
        awaitFinished();
        with.idleLimit(Connection.NO_LIMIT);
        lock.lock();
        try {
            if (failure != null) {
                with.abort();
                throw failure;
            }
            with.breakWhenKilled(false);
        } finally {
            lock.unlock();
        }
    }

    /** Ends a session that has no peer. {@code reason} is for a person. */
    public void refuse(ResetCode code, String reason) {
        reset(code, reason);
        awaitFinished();
    }

    private void sendAll(InputStream in, byte[] first) throws IOException {
        FrameBuffer frames = new FrameBuffer(FIRST_PIECE);
        if (first.length > 0) {
            frames.data(id, first, 0, first.length);
            send(frames);
        }
        int piece = FIRST_PIECE;
        try {
            while (true) {
                frames.clear();
                int header = frames.begin(id, FrameType.DATA);
                frames.ensure(piece);
                int count = in.read(frames.array(), frames.length(), piece);
                if (count < 0) {
                    sendEnd(frames);
                    return;
                }
                frames.advance(count);
                frames.finish(header);
                send(frames);
                // Room for more is made when it is used: many sessions are idle most of the time.
                int larger = Math.min(PIECE, 4 * piece);
                if (count == piece && mayGrow(larger - piece)) {
                    piece = larger;
                }
            }
        } finally {
            if (growth != null) {
                growth.release(piece - FIRST_PIECE);
            }
        }
    }

    private boolean mayGrow(int bytes) {
        return growth == null || growth.tryGrow(bytes);
    }

    private void send(FrameBuffer frames) throws IOException {
        requireNoFailure();
        carrier.send(frames);
    }

    private void sendEnd(FrameBuffer frames) throws IOException {
        lock.lock();
        try {
            requireNoFailure();
            sent = Last.BEING_SENT;
        } finally {
            lock.unlock();
        }
        frames.clear();
        frames.end(id);
        carrier.send(frames);
        sentLast(Last.END);
    }

    /** Perhaps by the reading task, which is not to wait. Without a word when the data connection is gone: then the session is, too. */
    private void sendReset(ResetCode code, String reason) {
        FrameBuffer frame = new FrameBuffer(64);
        frame.reset(id, code, reason);
        try {
            carrier.post(frame);
        } catch (IOException e) {
            // lost() follows.
        }
        sentLast(Last.RESET);
    }

    private void sentLast(Last last) {
        boolean free;
        lock.lock();
        try {
            sent = last;
            free = finish();
        } finally {
            lock.unlock();
        }
        if (free) {
            carrier.placeFree();
        }
    }

    private void receivedLast(Last last) {
        boolean free;
        lock.lock();
        try {
            received = last;
            free = finish();
        } finally {
            lock.unlock();
        }
        if (free) {
            carrier.placeFree();
        }
    }

    /** Under the lock. True when the connection is free, and its owner is to be told. */
    private boolean finish() {
        changed.signalAll();
        if (finished || lost || sent.compareTo(Last.BEING_SENT) <= 0 || received == Last.NOT_YET) {
            return false;
        }
        finished = true;
        if (!carrier.knowsDone()) {
            carrier.endWhenSent();
            return false;
        }
        sentDone = true;
        // Before DONE leaves, which the peer may answer with the next session.
        boolean free = freed();
        FrameBuffer done = new FrameBuffer(Limits.FRAME_HEADER);
        done.done(id);
        try {
            carrier.post(done);
        } catch (IOException e) {
            return false;
        }
        return free;
    }

    private boolean freed() {
        if (!sentDone || !receivedDone || lost) {
            return false;
        }
        carrier.free();
        return true;
    }

    /** Ends it for a reason of this side's; nothing happens when it has failed before. */
    private void reset(ResetCode code, String reason) {
        lock.lock();
        try {
            if (failure != null || finished || lost) {
                return;
            }
            failure = new ResetException(code, reason, false);
            settleBy = carrier.clock().nanos() + Limits.RESET_SETTLES_WITHIN.toNanos();
            while (sent == Last.BEING_SENT && !lost) {
                // An END, by the other task.
                changed.awaitUninterruptibly();
            }
            if (finished || lost) {
                return;
            }
            sent = Last.BEING_SENT;
        } finally {
            lock.unlock();
        }
        sendReset(code, reason);
    }

    private void awaitFinished() {
        lock.lock();
        try {
            while (!finished && !lost) {
                changed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    private void requireNoFailure() throws ResetException {
        lock.lock();
        try {
            if (failure != null) {
                throw failure;
            }
        } finally {
            lock.unlock();
        }
    }

    // ---- What the data connection's reading task delivers. ----

    void deliverData(byte[] b, int off, int length) throws WireException {
        Connection to = awaitPeer();
        if (to == null) {
            return;
        }
        try {
            to.out().write(b, off, length);
        } catch (IOException e) {
            reset(ResetCode.CANCELLED, "the peer's connection broke off");
            to.abort();
        }
    }

    void deliverEnd() throws WireException {
        Connection to = awaitPeer();
        if (to != null) {
            try {
                to.finish();
            } catch (IOException e) {
                reset(ResetCode.CANCELLED, "the peer's connection broke off");
                to.abort();
            }
        }
        receivedLast(Last.END);
    }

    /** The peer, or null when nothing more is to reach it. */
    private Connection awaitPeer() throws WireException {
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

    void deliverReset(ResetCode code, String reason) throws WireException {
        Connection to;
        boolean answer;
        lock.lock();
        try {
            requireNotDone();
            to = finished ? null : peer;
            if (failure == null && !finished) {
                failure = new ResetException(code, reason, code == ResetCode.NOT_RUN);
            }
            settleBy = carrier.clock().nanos() + Limits.RESET_SETTLES_WITHIN.toNanos();
            answer = sent == Last.NOT_YET;
            if (answer) {
                sent = Last.BEING_SENT;
            }
        } finally {
            lock.unlock();
        }
        if (to != null) {
            // Ends the other task, too.
            to.abort();
        }
        if (answer) {
            sendReset(ResetCode.CANCELLED, "");
        }
        receivedLast(Last.RESET);
    }

    void deliverDone() throws WireException {
        boolean free;
        lock.lock();
        try {
            requireNotDone();
            if (received == Last.NOT_YET) {
                throw new WireException("DONE before END or RESET");
            }
            receivedDone = true;
            free = freed();
        } finally {
            lock.unlock();
        }
        if (free) {
            carrier.placeFree();
        }
    }

    private void requireNotDone() throws WireException {
        if (receivedDone) {
            throw new WireException("a frame of a session after its DONE");
        }
    }

    /** The data connection has ended. By any task, and more than once; never waits. */
    void lose() {
        Connection to;
        lock.lock();
        try {
            to = markLost();
        } finally {
            lock.unlock();
        }
        if (to != null) {
            to.abort();
        }
    }

    /**
     * Gives the session up with its data connection when it is overdue: it was reset long ago, or its peer was killed, be it for being idle, and neither task has come to
     * say so, since none had to do with the peer at the time. After that it never frees the connection, so the caller may kill it.
     */
    boolean giveUp(long now) {
        boolean overdue;
        Connection to = null;
        lock.lock();
        try {
            if (!finished && settleBy == NONE && peer != null && peer.killed()) {
                settleBy = now + Limits.RESET_SETTLES_WITHIN.toNanos();
            }
            overdue = settleBy != NONE && now - settleBy > 0 && !(sentDone && receivedDone);
            if (overdue) {
                to = markLost();
            }
        } finally {
            lock.unlock();
        }
        if (to != null) {
            to.abort();
        }
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
}
