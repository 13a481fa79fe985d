package tunnelforge.mux;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import tunnelforge.net.Connection;
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
 *   from the peer   end of stream ──▶ END        to the peer   END   ──▶ end of stream
 *                   reset         ──▶ RESET                    RESET ──▶ reset;  a lost data connection ──▶ reset
 * </pre>
 *
 * <p>Whoever receives RESET before it has sent its last frame answers with RESET. The session is over for a side when it has sent its last frame and received the
 * other's: only then is the data connection free for another. What was reset and is not over within {@link Limits#RESET_SETTLES_WITHIN} costs the data connection.
 */
public final class Session {
    /** Four TLS records of 16,367 bytes, with the header of the frame: not a byte into a fifth. */
    private static final int PIECE = 4 * 16_367 - Limits.FRAME_HEADER;
    private static final int FIRST_PIECE = 4 * 1024;
    /** So much the other side's system takes for a peer that does not read, so that its reading task is not held up by it. */
    private static final long SURELY_TAKEN = 64 * 1024;
    private static final long NONE = 0;

    /** Which last frames there were in one direction. */
    private enum Last { NOT_YET, BEING_SENT, END, RESET }

    private final FrameLink link;
    private final int id;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private Connection peer;
    private Duration idle;
    private Last sent = Last.NOT_YET;
    private Last received = Last.NOT_YET;
    private boolean over;
    private ResetException failure;
    private volatile long settleBy = NONE;
    private volatile long bytesSent;

    Session(FrameLink link, int id) {
        this.link = link;
        this.id = id;
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
            idle = idleLimit;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        // Whoever ends it before its time: a deadline, a program that stops.
        with.breakWhenKilled(true);
        with.writeLimit(idleLimit);
        with.deadline(idleLimit);
        try {
            // What was reset before it had a peer could not reset that: nothing would end it.
            requireNoFailure();
            sendAll(with, first);
        } catch (ResetException e) {
            // It is over, or ends by itself.
        } catch (IOException e) {
            reset(ResetCode.CANCELLED, "the peer's connection broke off");
        }
        awaitOver();
        with.noDeadline();
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

    /**
     * Ends a session that has no peer.
     *
     * @param code why
     * @param reason for a person
     */
    public void refuse(ResetCode code, String reason) {
        reset(code, reason);
        awaitOver();
    }

    private void sendAll(Connection with, byte[] first) throws IOException {
        InputStream in = with.in();
        FrameBuffer frames = new FrameBuffer(FIRST_PIECE);
        if (first.length > 0) {
            frames.data(id, first, 0, first.length);
            send(frames);
        }
        int piece = FIRST_PIECE;
        while (true) {
            frames.clear();
            int header = frames.begin(id, FrameType.DATA);
            frames.ensure(piece);
            int count = in.read(frames.array(), frames.length(), piece);
            if (count < 0) {
                sendEnd(frames);
                return;
            }
            with.deadline(idle);
            frames.advance(count);
            frames.finish(header);
            send(frames);
            // Room for more is made when it is used: many sessions are idle most of the time.
            piece = count == piece ? Math.min(PIECE, 4 * piece) : piece;
        }
    }

    private void send(FrameBuffer frames) throws IOException {
        requireNoFailure();
        bytesSent += frames.length();
        link.send(frames);
    }

    private void sendEnd(FrameBuffer frames) throws IOException {
        lock.lock();
        try {
            if (failure != null) {
                throw failure;
            }
            sent = Last.BEING_SENT;
        } finally {
            lock.unlock();
        }
        frames.clear();
        frames.end(id);
        sendLast(frames, Last.END);
    }

    /**
     * The next session is the server's to open. So there this one is over only when its last frame is queued, and the next OPEN comes behind it; and for the agent it
     * is over before the server can know.
     */
    private void sendLast(FrameBuffer frames, Last last) throws IOException {
        if (link.isResponder()) {
            sentLast(last);
        }
        if (last == Last.END) {
            link.send(frames);
        } else {
            // Perhaps by the reading task, which is not to wait when the other side does.
            link.post(frames);
        }
        if (!link.isResponder()) {
            sentLast(last);
        }
    }

    private void sentLast(Last last) {
        lock.lock();
        try {
            sent = last;
        } finally {
            lock.unlock();
        }
        judge();
    }

    /** Without a word when the data connection is gone: then the session is, too. */
    private void sendReset(ResetCode code, String reason) {
        FrameBuffer frame = new FrameBuffer(FIRST_PIECE);
        frame.reset(id, code, reason);
        try {
            sendLast(frame, Last.RESET);
        } catch (IOException e) {
            sentLast(Last.RESET);
        }
    }

    private void judge() {
        boolean ends;
        lock.lock();
        try {
            ends = !over && sent.compareTo(Last.BEING_SENT) > 0 && received != Last.NOT_YET;
            over |= ends;
            if (ends && link.isResponder()) {
                // Before its last frame leaves, and the next OPEN can come.
                link.free();
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (ends && link.isResponder()) {
            link.onSessionOver();
        } else if (ends) {
            link.sessionOver(bytesSent > SURELY_TAKEN);
        }
    }

    /** Whether the last frames have been exchanged. */
    boolean isOver() {
        lock.lock();
        try {
            return over;
        } finally {
            lock.unlock();
        }
    }

    /** Ends it for a reason of this side's; nothing happens when it has failed before. */
    private void reset(ResetCode code, String reason) {
        lock.lock();
        try {
            if (failure != null || over) {
                return;
            }
            failure = new ResetException(code, reason, false);
            settleBy = System.nanoTime() + Limits.RESET_SETTLES_WITHIN.toNanos();
            while (sent == Last.BEING_SENT && !over) {
                // An END, by the other task.
                changed.awaitUninterruptibly();
            }
            if (over) {
                return;
            }
            sent = Last.BEING_SENT;
        } finally {
            lock.unlock();
        }
        sendReset(code, reason);
    }

    private void awaitOver() {
        lock.lock();
        try {
            while (!over) {
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
        to.deadline(idle);
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

    void deliverReset(ResetCode code, String reason) {
        Connection to;
        boolean answer;
        lock.lock();
        try {
            if (failure == null) {
                failure = new ResetException(code, reason, code == ResetCode.NOT_RUN);
            }
            settleBy = System.nanoTime() + Limits.RESET_SETTLES_WITHIN.toNanos();
            to = peer;
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

    private void receivedLast(Last last) {
        lock.lock();
        try {
            received = last;
        } finally {
            lock.unlock();
        }
        judge();
    }

    /** The data connection has ended. By any task, and more than once; never waits. */
    void lost() {
        Connection to;
        lock.lock();
        try {
            if (over) {
                return;
            }
            over = true;
            if (failure == null) {
                failure = new ResetException(ResetCode.BROKEN_OFF, "the data connection was lost", false);
            }
            to = peer;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (to != null) {
            to.abort();
        }
    }

    /**
     * Whether its data connection is to be given up: it was reset long ago, or its peer was killed, be it for being idle, and neither task has come to say so, since
     * none had to do with the peer at the time.
     */
    boolean unsettled(long now) {
        lock.lock();
        try {
            if (over) {
                return false;
            }
            if (settleBy == NONE && peer != null && peer.killed()) {
                settleBy = now + Limits.RESET_SETTLES_WITHIN.toNanos();
            }
            return settleBy != NONE && now - settleBy > 0;
        } finally {
            lock.unlock();
        }
    }
}
