package tunnelforge.mux;

import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import tunnelforge.http.Fields;
import tunnelforge.http.ResponseHead;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ResetCode;
import tunnelforge.wire.WireException;

/**
 * One exchange, seen from one side. It is over for this side when it has sent or received RESET, when it has sent and received END, or, without a 101, with the response's END
 * alone. Where it is carried is its {@link Attachment}.
 *
 * <p>Three tasks meet here: the connection's reading task delivers, and waits only where there are no windows (the JSON encoding); one task receives
 * ({@link #awaitHead}, {@link #awaitData}); one task sends ({@link #awaitCredit}, {@link #send}), which may be the same. Whoever opened or accepted
 * the exchange calls {@link #close} in the end, which gives its memory back. The lock is held for a few instructions.
 */
public final class Exchange {
    private static final long WITHOUT_WINDOWS = Long.MAX_VALUE / 2;

    private final boolean answers;
    private final boolean upgrade;
    private final String method;
    private final ReentrantLock lock = new ReentrantLock();
    private final Waiter receiver = new Waiter(lock);
    private final Waiter sender = new Waiter(lock);
    /** The reading task, where no windows keep the peer from sending more than is taken. */
    private final Waiter deliverer = new Waiter(lock);
    private final Inbox inbox;
    private volatile Attachment attachment;
    /** What {@link #awaitData} has named: the ring may grow into another array while the receiving task reads this one. */
    private byte[] slice;
    private int sliceOffset;
    private long credit;
    private boolean session;
    private boolean sentEnd;
    private boolean over;
    private boolean peerEnded;
    private volatile ResetException failure;
    private final BooleanSupplier wanted = () -> failure == null;
    private EndHook endHooks;

    private Exchange(boolean answers, String method, boolean upgrade, Inbox inbox, long credit) {
        this.answers = answers;
        this.method = method;
        this.upgrade = upgrade;
        this.inbox = inbox;
        this.credit = credit;
    }

    /** The side of a request that is about to be sent, with {@code dataBytes} of its body, and {@code end}. */
    static Exchange asking(String method, boolean upgrade, Inbox inbox, int window, int dataBytes, boolean end) {
        Exchange exchange = new Exchange(false, method, upgrade, inbox, window - dataBytes);
        exchange.sentEnd = end;
        return exchange;
    }

    /** Like {@link #asking}, where TCP alone holds senders back. */
    static Exchange askingWithoutWindows(String method, boolean upgrade, Inbox inbox, boolean end) {
        Exchange exchange = new Exchange(false, method, upgrade, inbox, WITHOUT_WINDOWS);
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

    /** Whether nothing more is sent by this side, and nothing more of the peer is wanted. */
    public boolean isOver() {
        lock.lock();
        try {
            return over;
        } finally {
            lock.unlock();
        }
    }

    // ---- What the reading task delivers. Each returns the task to wake, or null. ----
    // Another task may have ended the exchange since the reading task found it: what then comes is late, and dropped.

    Thread deliverHead(ResponseHead head, int bytes, long contentLength) throws WireException, ResetException {
        lock.lock();
        try {
            if (over) {
                return null;
            }
            if (head.status() == 101 && !upgrade) {
                throw new WireException("a 101 to a request that is no Upgrade");
            }
            session |= head.status() == 101;
            inbox.head(head, bytes, session ? -1 : contentLength);
            return receiver.take();
        } finally {
            lock.unlock();
        }
    }

    Thread deliverData(byte[] b, int off, int length) throws WireException, ResetException {
        lock.lock();
        try {
            while (!over && inbox.isFull()) {
                receiver.wake();
                deliverer.await();
            }
            if (!over) {
                inbox.data(b, off, length);
            }
            return receiver.take();
        } finally {
            lock.unlock();
        }
    }

    Thread deliverEnd(Fields trailerFields, int bytes) throws WireException, ResetException {
        lock.lock();
        try {
            peerEnded = true;
            if (over) {
                return null;
            }
            inbox.end(trailerFields, bytes);
            over = sentEnd || !answers && !session;
            if (over) {
                sender.wake();
            }
            return receiver.take();
        } finally {
            lock.unlock();
        }
    }

    Thread deliverCredit(long more) throws WireException {
        lock.lock();
        try {
            if (over) {
                return null;
            }
            if (more == 0 || credit + more > Limits.MAX_CREDIT) {
                throw new WireException("WINDOW of " + more + " on a credit of " + credit);
            }
            credit += more;
            return sender.take();
        } finally {
            lock.unlock();
        }
    }

    /** Ends the exchange as failed. {@code byPeer}: nothing more of it will come. */
    void fail(ResetException cause, boolean byPeer) {
        EndHook hooks;
        lock.lock();
        try {
            peerEnded |= byPeer;
            if (over) {
                return;
            }
            hooks = endEarly(cause);
        } finally {
            lock.unlock();
        }
        EndHook.runAll(hooks);
    }

    /** Under the lock; the caller runs what it returns without it. */
    private EndHook endEarly(ResetException cause) {
        over = true;
        failure = cause;
        wakeAll();
        return endHooks;
    }

    private void wakeAll() {
        receiver.wake();
        sender.wake();
        deliverer.wake();
    }

    /** Whether the peer will send nothing more of this exchange: its END or RESET has arrived, or its connection is lost. */
    public boolean peerEnded() {
        lock.lock();
        try {
            return peerEnded;
        } finally {
            lock.unlock();
        }
    }

    // ---- What the receiving task asks for. ----

    /**
     * Waits for the next response head: informational ones, then the final one.
     *
     * @throws ResetException when the exchange is over without one
     */
    public ResponseHead awaitHead() throws ResetException {
        lock.lock();
        try {
            ResponseHead head;
            while ((head = inbox.pollHead()) == null) {
                requireNoFailure();
                receiver.await();
            }
            return head;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until bytes, or the end, have arrived. The bytes are {@link #data()} from {@link #dataOffset()} on, and stay there until
     * {@link #taken} is called; what had arrived before a failure is given out before the failure is.
     *
     * @return how many bytes there are in one piece; 0 at the end
     * @throws ResetException when the exchange is over before its end
     */
    public int awaitData() throws ResetException {
        lock.lock();
        try {
            while (inbox.ring().size() == 0) {
                if (inbox.ended()) {
                    return 0;
                }
                requireNoFailure();
                if (over) {
                    throw new ResetException(ResetCode.CANCELLED, "the response is complete", false);
                }
                receiver.await();
            }
            slice = inbox.ring().array();
            sliceOffset = inbox.ring().offset();
            return inbox.ring().contiguous();
        } finally {
            lock.unlock();
        }
    }

    /** Whether {@link #awaitData} would return at once, with bytes or with the end. */
    public boolean dataReady() {
        lock.lock();
        try {
            return inbox.ring().size() > 0 || inbox.ended();
        } finally {
            lock.unlock();
        }
    }

    /** The bytes that have arrived and not been taken when the end has arrived as well, otherwise -1. */
    public int wholeRest() {
        lock.lock();
        try {
            return inbox.ended() ? inbox.ring().size() : -1;
        } finally {
            lock.unlock();
        }
    }

    /** Where the bytes are; only the part that {@link #awaitData} named may be read. */
    public byte[] data() {
        return slice;
    }

    /** Where in {@link #data()} they begin. */
    public int dataOffset() {
        return sliceOffset;
    }

    /** The receiving task has done with {@code count} bytes: their place may be used again, and the peer may get credit for more. */
    public void taken(int count) {
        int grant;
        lock.lock();
        try {
            grant = inbox.taken(count, over);
            deliverer.wake();
        } finally {
            lock.unlock();
        }
        if (grant > 0) {
            attachment.sendWindow(grant);
        }
    }

    /** What came with the END; empty before it. */
    public Fields trailers() {
        lock.lock();
        try {
            return inbox.trailers();
        } finally {
            lock.unlock();
        }
    }

    private void requireNoFailure() throws ResetException {
        if (failure != null) {
            throw failure;
        }
    }

    // ---- What the sending task asks for. ----

    /**
     * Waits until bytes may be sent.
     *
     * @return how many bytes of DATA the peer has room for, at least 1; 0 when the exchange is over and nothing more is wanted
     * @throws ResetException when the exchange has failed
     */
    public int awaitCredit() throws ResetException {
        lock.lock();
        try {
            while (credit == 0 && !over) {
                sender.await();
            }
            requireNoFailure();
            return over ? 0 : (int) Math.min(credit, attachment.maxFrame());
        } finally {
            lock.unlock();
        }
    }

    /** Asks for memory for larger pieces, which is given back by {@link #close}; false when there is not enough for everybody. */
    boolean chargeGrowth(int bytes) {
        lock.lock();
        try {
            return inbox.chargeGrowth(bytes);
        } finally {
            lock.unlock();
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
        lock.lock();
        try {
            requireNoFailure();
            if (over) {
                return;
            }
            credit -= dataBytes;
            if (end) {
                sentEnd = true;
                endsIt = answers && !session || inbox.ended();
                over = endsIt;
                if (over) {
                    wakeAll();
                }
            }
        } finally {
            lock.unlock();
        }
        if (endsIt && answers) {
            // Before the peer can know of it, so that a place is free when its next request comes.
            attachment.forget();
        }
        boolean sent;
        try {
            sent = attachment.send(frames, wanted);
        } catch (IOException lost) {
            // The same for the sender as if it had learned it first: neither visitor nor local service is to blame.
            throw new ResetException(ResetCode.BROKEN_OFF, lost.getMessage(), false);
        } finally {
            if (endsIt && !answers) {
                // A retired connection ends when its last place is free, and these frames are to be on it.
                attachment.forget();
            }
        }
        if (!sent) {
            throw failure;
        }
    }

    /** The agent answers with a 101: from now on bytes go both ways and each side ends its own direction. */
    public void beginSession() {
        lock.lock();
        try {
            session = true;
            inbox.beginSession();
        } finally {
            lock.unlock();
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
        EndHook added;
        boolean failed;
        lock.lock();
        try {
            failed = failure != null;
            added = new EndHook(hook, failed ? null : endHooks);
            if (!failed) {
                endHooks = added;
            }
        } finally {
            lock.unlock();
        }
        if (failed) {
            added.run();
        }
        return added;
    }

    /** Ends the exchange in both directions, unless it is over already. {@code reason} is for a person. */
    public void reset(ResetCode code, String reason) {
        EndHook hooks;
        lock.lock();
        try {
            if (over) {
                return;
            }
            hooks = endEarly(new ResetException(code, reason, false));
        } finally {
            lock.unlock();
        }
        EndHook.runAll(hooks);
        // In this order: what is opened in its place comes behind its RESET.
        attachment.sendReset(code, reason);
        attachment.forget();
    }

    /** Gives back what the exchange holds; one that is not over is {@link #reset} as cancelled. Called by its owner, last. */
    public void close() {
        reset(ResetCode.CANCELLED, "cancelled");
        lock.lock();
        try {
            endHooks = null;
            inbox.close();
        } finally {
            lock.unlock();
        }
    }
}
