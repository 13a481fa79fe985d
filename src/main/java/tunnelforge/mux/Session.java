package tunnelforge.mux;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
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
 * </pre>
 *
 * <p>Whoever receives RESET before it has sent its last frame answers with RESET. With a peer that does not know DONE the connection ends after its session. What was
 * reset and is not through within {@link Limits#RESET_SETTLES_WITHIN} costs the data connection.
 */
public final class Session {
    /** Four TLS records of 16,367 bytes, with the header of the frame: not a byte into a fifth. */
    private static final int PIECE = 4 * 16_367 - Limits.FRAME_HEADER;
    private static final int FIRST_PIECE = 4 * 1024;
    /** Every system's smallest buffers for a connection take so much. What earlier sessions have sent on it has been read. */
    private static final int LITTLE = 4 * 1024;

    private final SessionCarrier carrier;
    private final int id;
    private final Ledger growth;
    private final SessionState state;
    private volatile Meter meter = Meter.NONE;
    /** Bytes of DATA; by the task that sends. */
    private volatile long sentBytes;
    /** By the data connection's reading task. */
    private volatile long deliveredBytes;

    /** {@code growth} is charged for larger pieces; null where whoever opens the session has reserved them. */
    Session(SessionCarrier carrier, int id, Ledger growth) {
        this.carrier = carrier;
        this.id = id;
        this.growth = growth;
        this.state = new SessionState(carrier, id);
    }

    int id() {
        return id;
    }

    /**
     * Carries the session to its end. The peer is the caller's to close, and has had its reset when this throws.
     *
     * @param idleLimit kills the peer when nothing goes either way for this long
     * @throws ResetException when it was not by the end of both directions
     */
    public void run(Connection with, Duration idleLimit) throws ResetException {
        run(with, idleLimit, Meter.NONE);
    }

    /** As the other; {@code by} is told of all bytes, and may hold them up. */
    public void run(Connection with, Duration idleLimit, Meter by) throws ResetException {
        meter = by;
        state.begin(with);
        // Whoever ends it before its time: a limit, a program that stops.
        with.breakWhenKilled(true);
        with.writeLimit(idleLimit);
        with.idleLimit(idleLimit);
        try {
            // What was reset before it had a peer could not reset that: nothing would end it.
            state.requireNoFailure();
            sendAll(with.in());
        } catch (ResetException e) {
            // It is finished, or ends by itself.
        } catch (IOException e) {
            state.reset(ResetCode.CANCELLED, "the peer's connection broke off");
        }
        state.awaitFinished();
        with.idleLimit(Connection.NO_LIMIT);
        try {
            state.requireNoFailure();
        } catch (ResetException e) {
            with.abort();
            throw e;
        }
        with.breakWhenKilled(false);
    }

    /** Ends a session that has no peer. {@code reason} is for a person. */
    public void refuse(ResetCode code, String reason) {
        state.reset(code, reason);
        state.awaitFinished();
    }

    private void sendAll(InputStream in) throws IOException {
        FrameBuffer frames = new FrameBuffer(FIRST_PIECE);
        int piece = FIRST_PIECE;
        try {
            while (true) {
                frames.clear();
                int header = frames.begin(id, FrameType.DATA);
                frames.ensure(piece);
                int count = in.read(frames.array(), frames.length(), Math.min(piece, meter.piece()));
                if (count < 0) {
                    state.sendEnd();
                    return;
                }
                frames.advance(count);
                frames.finish(header);
                sentBytes += count;
                meter.comes(count);
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

    private void send(FrameBuffer frames) throws ResetException {
        boolean sent = false;
        try {
            sent = carrier.send(frames, state::hasNoFailure);
        } catch (IOException e) {
            state.lose();
        }
        if (!sent) {
            state.requireNoFailure();
        }
    }

    /** Bytes of the peer that were sent on, without those that left with the opening. */
    public long sentBytes() {
        return sentBytes;
    }

    /** Bytes that the peer was given. */
    public long deliveredBytes() {
        return deliveredBytes;
    }

    // ---- What the data connection's reading task delivers. ----

    void deliverData(byte[] b, int off, int length) throws WireException {
        Connection to = state.awaitPeer();
        if (to == null) {
            return;
        }
        try {
            for (int done = 0; done < length;) {
                int count = Math.min(length - done, meter.piece());
                meter.goes(count);
                to.out().write(b, off + done, count);
                done += count;
                deliveredBytes += count;
            }
        } catch (IOException e) {
            state.reset(ResetCode.CANCELLED, "the peer's connection broke off");
            to.abort();
        }
    }

    void deliverEnd() throws WireException {
        Connection to = state.awaitPeer();
        if (to != null) {
            try {
                to.finish();
            } catch (IOException e) {
                state.reset(ResetCode.CANCELLED, "the peer's connection broke off");
                to.abort();
            }
        }
        state.received(sentBytes <= LITTLE);
    }

    void deliverReset(ResetCode code, String reason) throws WireException {
        state.peerResets(new ResetException(code, reason, code == ResetCode.NOT_RUN));
    }

    void deliverDone() throws WireException {
        state.peerIsDone();
    }

    /** The data connection has ended. By any task, and more than once; never waits. */
    void lose() {
        state.lose();
    }

    /**
     * Gives the session up with its data connection when it is overdue: it was reset long ago, or its peer was killed, be it for being idle, and neither task has come to
     * say so, since none had to do with the peer at the time. After that it never frees the connection, so the caller may kill it.
     */
    boolean giveUp(long now) {
        return state.giveUp(now);
    }
}
