package tunnelforge.mux;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import tunnelforge.http.Fields;
import tunnelforge.http.ResponseHead;
import tunnelforge.net.Ledger;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ResetCode;
import tunnelforge.wire.WireException;

/**
 * One exchange, seen from one side. It is over for this side when it has sent or received RESET, when it has sent and received END, or, without a 101, with the response's END
 * alone. Where it is carried is its {@link Attachment}, what arrives waits in its {@link Inbox}, and how it ends is its {@link ExchangeState}; here is what the three tasks
 * call, which is why it is long.
 *
 * <p>Three tasks meet here: the connection's reading task delivers, and waits only where there are no windows (the JSON encoding); one task receives
 * ({@link #awaitHead}, {@link Inflow}); one task sends ({@link #awaitCredit}, {@link #send}), which may be the same. Whoever opened or accepted
 * the exchange calls {@link #close} in the end, which gives its memory back. The lock is held for a few instructions.
 */
public final class Exchange {
    private final boolean answers;
    private final boolean upgrade;
    private final String method;
    private final Inbox inbox;
    private final ExchangeState state;
    private final BooleanSupplier wanted;
    private volatile Attachment attachment;
    private final SendWindow window;
    private volatile boolean session;
    private boolean sentEnd;
    /** On an agent's side, where the request may come again when its data connection is lost; null otherwise. */
    private HeldAnswer held;
    private volatile String resendKey;

    private Exchange(boolean answers, String method, boolean upgrade, Inbox inbox, long credit) {
        this.answers = answers;
        this.method = method;
        this.upgrade = upgrade;
        this.inbox = inbox;
        this.state = inbox.state();
        this.wanted = () -> state.failure() == null;
        this.window = new SendWindow(credit);
    }

    /**
     * The side of a request that is about to be sent.
     *
     * @param credit for the part of its body that follows; {@link SendWindow#UNLIMITED} where TCP alone holds senders back
     * @param end whether nothing follows
     */
    static Exchange asking(String method, boolean upgrade, Inbox inbox, long credit, boolean end) {
        Exchange exchange = new Exchange(false, method, upgrade, inbox, credit);
        exchange.sentEnd = end;
        return exchange;
    }

    /** The side of a request that has arrived. */
    static Exchange answering(String method, boolean upgrade, Inbox inbox, int window) {
        return new Exchange(true, method, upgrade, inbox, window);
    }

    /** Once, before any frame can arrive. */
    void attach(Attachment to) {
        attachment = to;
    }

    /** The request id on the data connection that carries the exchange. */
    public int id() {
        return attachment.id();
    }

    public String method() {
        return method;
    }

    /** Whether this side answers the request, rather than makes it. */
    boolean answers() {
        return answers;
    }

    /** Whether a 101 has made it a session: bytes go both ways, and nobody knows for how long. */
    boolean isSession() {
        return session;
    }

    /** Whether nothing more is sent by this side, and nothing more of the peer is wanted. */
    public boolean isOver() {
        return state.isOver();
    }

    /** Whether the peer will send nothing more of this exchange: its END or RESET has arrived, or its connection is lost. */
    public boolean peerEnded() {
        return state.peerEnded();
    }

    // ---- What the reading task delivers. Each returns the task to wake, or null. ----
    // Another task may have ended the exchange since the reading task found it, or another connection carries it by now: what then comes is late, and dropped. Whoever ends
    // the exchange forgets it, and no other: the last frames of the one may not have been queued when the other comes.

    /** Under the lock; {@code by}: the link that delivers. */
    private boolean isLate(Object by) {
        return state.isOver() || !attachment.isOn(by);
    }

    Thread deliverHead(Object by, ResponseHead head, int bytes, long contentLength) throws WireException, ResetException {
        state.lock();
        try {
            if (isLate(by)) {
                return null;
            }
            if (head.status() == 101 && !upgrade) {
                throw new WireException("a 101 to a request that is no Upgrade");
            }
            session |= head.status() == 101;
            inbox.head(head, bytes, session ? -1 : contentLength);
            return state.receiver.take();
        } finally {
            state.unlock();
        }
    }

    Thread deliverData(Object by, byte[] b, int off, int length) throws WireException, ResetException {
        state.lock();
        try {
            while (!isLate(by) && inbox.isFull()) {
                state.receiver.wake();
                state.deliverer.await();
            }
            if (!isLate(by)) {
                inbox.data(b, off, length);
            }
            return state.receiver.take();
        } finally {
            state.unlock();
        }
    }

    Thread deliverEnd(Object by, Fields trailerFields, int bytes) throws WireException, ResetException {
        Thread waiting;
        boolean endsIt;
        state.lock();
        try {
            state.peerEnds();
            if (isLate(by)) {
                return null;
            }
            inbox.end(trailerFields, bytes);
            waiting = state.receiver.take();
            endsIt = sentEnd || !answers && !session;
            if (endsIt) {
                state.complete();
            }
        } finally {
            state.unlock();
        }
        if (endsIt) {
            attachment.forget();
        }
        return waiting;
    }

    Thread deliverCredit(Object by, long more) throws WireException {
        state.lock();
        try {
            // One that is over may still be sent again.
            if (!attachment.isOn(by) || state.isOver() && !isReplayed()) {
                return null;
            }
            window.grant(more);
            return isReplayed() ? held.takeReplayer() : state.sender.take();
        } finally {
            state.unlock();
        }
    }

    /** Ends the exchange as failed: nothing more of it will come from the peer. */
    void fail(ResetException cause) {
        boolean fails = state.fail(cause, true);
        if (answers) {
            unneeded();
        }
        // One that is complete may occupy a connection while its answer is sent again.
        if (fails || answers) {
            attachment.forget();
        }
    }

    // ---- What the receiving task asks for. ----

    /** What has arrived; {@link #taken} is to be told here. */
    Inbox inbox() {
        return inbox;
    }

    /**
     * Waits for the next response head: informational ones, then the final one.
     *
     * @throws ResetException when the exchange is over without one
     */
    public ResponseHead awaitHead() throws ResetException {
        return inbox.awaitHead();
    }

    /** Bytes of the body that have come, from its first one on, be it on other connections. */
    public long received() {
        return inbox.received();
    }

    /** The bytes that have arrived and not been taken when the end has arrived as well, otherwise -1. */
    public int wholeRest() {
        return inbox.wholeRest();
    }

    /** The receiving task has done with {@code count} bytes: their place may be used again, and the peer may get credit for more. */
    void taken(int count) {
        int grant = inbox.taken(count);
        if (grant > 0) {
            attachment.sendWindow(grant);
        }
    }

    // ---- What the sending task asks for. ----

    /**
     * Waits until bytes may be sent.
     *
     * @return how many bytes of DATA the peer has room for, at least 1; 0 when the exchange is over and nothing more is wanted
     * @throws ResetException when the exchange has failed
     */
    int awaitCredit() throws ResetException {
        state.lock();
        try {
            while ((window.credit() == 0 || isReplayed()) && !state.isOver()) {
                state.sender.await();
            }
            state.requireNoFailure();
            return state.isOver() ? 0 : (int) Math.min(window.credit(), attachment.maxFrame());
        } finally {
            state.unlock();
        }
    }

    /**
     * Sends frames of this exchange. What is sent of an exchange that is over already is dropped.
     *
     * @param frames RESPONSE, DATA and END of this id, in their order
     * @param dataBytes how many payload bytes of DATA they hold, at most the credit
     * @param end whether END is the last of them
     * @throws ResetException when the exchange has failed, or the data connection is gone
     */
    public void send(FrameBuffer frames, int dataBytes, boolean end) throws ResetException {
        boolean endsIt = false;
        Attachment to;
        KeptAnswer.Piece piece = null;
        boolean keeps = false;
        boolean carried;
        state.lock();
        try {
            // Another connection may have given less credit than the one for which the frames were made.
            while ((isReplayed() || window.credit() < dataBytes) && !state.isOver()) {
                state.sender.await();
            }
            state.requireNoFailure();
            if (state.isOver()) {
                return;
            }
            to = attachment;
            if (answers) {
                // They may have been made for another connection.
                frames.setIds(to.id());
            }
            carried = held == null || !held.isDetached();
            if (held != null) {
                piece = held.keep(frames, dataBytes, end);
                keeps = held.isHeld();
            }
            if (!carried && !keeps) {
                throw new ResetException(ResetCode.OVERLOADED, "no memory is left to keep an answer until another data connection carries it", false);
            }
            window.use(dataBytes);
            if (end) {
                sentEnd = true;
                endsIt = answers && !session || inbox.ended();
                if (endsIt) {
                    state.complete();
                }
            }
        } finally {
            state.unlock();
        }
        if (!carried) {
            // It leaves when another connection carries the exchange.
            return;
        }
        if (endsIt && answers) {
            // Before the peer can know of it, so that a place is free when its next request comes.
            to.forget();
        }
        boolean sent;
        try {
            sent = piece == null ? to.send(frames, wanted) : to.send(frames, wanted, piece);
        } catch (IOException lost) {
            if (keeps) {
                // It is sent again on another connection.
                return;
            }
            // The same for the sender as if it had learned it first: neither visitor nor local service is to blame.
            throw new ResetException(ResetCode.BROKEN_OFF, lost.getMessage(), false);
        } finally {
            if (endsIt && !answers) {
                // A retired connection ends when its last place is free, and these frames are to be on it.
                to.forget();
            }
        }
        if (!sent) {
            throw state.failure();
        }
    }

    /** The agent answers with a 101: from now on bytes go both ways and each side ends its own direction. */
    public void beginSession() {
        state.lock();
        try {
            session = true;
            if (held != null) {
                held.unneeded();
            }
            inbox.beginSession();
        } finally {
            state.unlock();
        }
    }

    /** From now on {@code ledger} covers what the exchange holds; false when it has no room for that, and nothing has changed. */
    public boolean chargeTo(Ledger ledger) {
        state.lock();
        try {
            return inbox.chargeTo(ledger);
        } finally {
            state.unlock();
        }
    }

    // ---- Ending it early. ----

    /**
     * Runs {@code hook} when the exchange ends early: reset by either side, or lost with its connection; at once when it has. For ending what a task is blocked on.
     *
     * @param hook must not block
     * @return closed when the hook is no longer wanted; after that it neither runs nor is running
     */
    public EndHook onEnd(Runnable hook) {
        return state.onEnd(hook);
    }

    /** Ends the exchange in both directions, unless it is over already. {@code reason} is for a person. */
    public void reset(ResetCode code, String reason) {
        // Most are over when they are closed, and need no exception for that.
        if (state.isOver() || !state.fail(new ResetException(code, reason, false), false)) {
            return;
        }
        FrameBuffer frame = new FrameBuffer(64);
        if (answers) {
            answerReset(frame, code, reason);
        } else {
            // What is opened in its place comes behind its RESET.
            frame.reset(id(), code, reason);
            attachment.sendReset(frame);
            attachment.forget();
        }
    }

    private void answerReset(FrameBuffer frame, ResetCode code, String reason) {
        Attachment to;
        KeptAnswer.Piece piece = null;
        boolean carried;
        state.lock();
        try {
            to = attachment;
            frame.reset(to.id(), code, reason);
            if (held != null) {
                piece = held.keep(frame, 0, true);
            }
            // Otherwise it is sent behind the rest.
            carried = held == null || !held.isDetached() && !held.isReplayed();
        } finally {
            state.unlock();
        }
        if (carried) {
            // Before the peer can know of it, so that a place is free when its next request comes.
            to.forget();
            to.sendReset(frame);
            if (piece != null) {
                to.isSent(piece);
            }
        }
    }

    // ---- Carried by one connection after another. ----

    /** The agent's local service is about to get the request. */
    public void given() {
        if (held != null) {
            held.given();
        }
    }

    /** The peer may ask for the answer again when its data connection is lost. Before the first frame is sent. */
    void holdAnswer(Ledger ledger, HeldAnswer.Keeper keeper) {
        held = new HeldAnswer(state, ledger, keeper);
    }

    /** Under the lock. */
    private boolean isReplayed() {
        return held != null && held.isReplayed();
    }

    /** The peer will not ask for the answer again. */
    private void unneeded() {
        state.lock();
        try {
            if (held != null) {
                held.unneeded();
            }
        } finally {
            state.unlock();
        }
    }

    /** Its connection is lost. Returns whether it may be carried by another; otherwise it has failed. */
    boolean detach(Attachment lost) {
        state.lock();
        try {
            return attachment != lost || held != null && held.detach();
        } finally {
            state.unlock();
        }
    }

    /**
     * Another connection carries it from now on.
     *
     * @param from the byte of the answer's body from which on the peer wants it
     * @param losses how many connections have been lost under it, as far as the peer knows: more of them are newer
     * @param credit for what is sent there
     * @return sends again what the peer has not got, on a task of its own; null when that is not there any more, or a newer connection carries it
     */
    Runnable moveTo(Attachment to, long from, int losses, int credit) {
        Attachment before;
        Replay replay;
        state.lock();
        try {
            replay = held == null ? null : held.moveTo(to, from, losses, window);
            if (replay == null) {
                return null;
            }
            before = attachment;
            attachment = to;
            window.begin(credit);
            inbox.comesAgain();
        } finally {
            state.unlock();
        }
        before.forget();
        return replay;
    }

    /** The request will not be asked for again: nobody can be answered. */
    void giveUp() {
        fail(new ResetException(ResetCode.BROKEN_OFF, "the data connection was lost", false));
        // Another connection may have taken it in this moment: there somebody waits.
        FrameBuffer frame = new FrameBuffer(64);
        frame.reset(id(), ResetCode.OUTCOME_UNKNOWN, "the agent has given up the answer");
        attachment.sendReset(frame);
    }

    /** It was accepted, and is not served: nothing is told of it. */
    void discard() {
        fail(new ResetException(ResetCode.NOT_RUN, "not served", true));
        close();
    }

    /** What the peer is told when the request is sent to it again; null when it is not to be. */
    public String resendKey() {
        return resendKey;
    }

    void resendKey(String key) {
        resendKey = key;
    }

    /** Gives back what the exchange holds; one that is not over is {@link #reset} as cancelled. Called by its owner, last. */
    public void close() {
        reset(ResetCode.CANCELLED, "cancelled");
        state.lock();
        try {
            state.forgetHooks();
            inbox.close();
        } finally {
            state.unlock();
        }
    }
}
