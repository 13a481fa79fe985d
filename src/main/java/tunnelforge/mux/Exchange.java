package tunnelforge.mux;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import tunnelforge.http.Fields;
import tunnelforge.http.ResponseHead;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ResetCode;
import tunnelforge.wire.WireException;

/**
 * One exchange on a data connection, seen from one side. It is over for this side when it has sent or received RESET, when it has sent and received END, or,
 * without a 101, with the response's END alone.
 *
 * <p>Three tasks meet here: the connection's reading task delivers, and waits only where there are no windows (the JSON encoding); one task receives
 * ({@link #awaitHead}, {@link #awaitData}); one task sends ({@link #awaitCredit}, {@link #send}), which may be the same. Whoever opened or accepted
 * the exchange calls {@link #close} in the end, which gives its memory back. The lock is held for a few instructions.
 */
public final class Exchange {
    /** What is in the ring of an exchange without windows before its reading task waits. */
    private static final int UNWINDOWED_LIMIT = 256 * 1024;

    private final FrameLink link;
    private final boolean responder;
    private final boolean upgrade;
    private final boolean windowed;
    private final String method;
    private final ReentrantLock lock = new ReentrantLock();
    private final Waiter receiver = new Waiter(lock);
    private final Waiter sender = new Waiter(lock);
    /** The reading task, where no windows keep the peer from sending more than is taken. */
    private final Waiter deliverer = new Waiter(lock);
    private final Inbox inbox;
    private int id;
    private long mark;
    /** What {@link #awaitData} has named: the ring may grow into another array while the receiving task reads this one. */
    private byte[] slice;
    private int sliceOffset;
    private long credit;
    private boolean session;
    private boolean sentEnd;
    private boolean over;
    private boolean closed;
    private boolean peerEnded;
    private volatile ResetException failure;
    private final BooleanSupplier wanted = () -> failure == null;
    private Runnable onFailure;
    private final List<EndHook> endHooks = new ArrayList<>(1);

    private Exchange(FrameLink link, boolean responder, String method, boolean upgrade, Inbox inbox, boolean windowed) {
        this.link = link;
        this.responder = responder;
        this.method = method;
        this.upgrade = upgrade;
        this.inbox = inbox;
        this.windowed = windowed;
        this.credit = windowed ? link.limits().initialWindow() : Long.MAX_VALUE / 2;
    }

    /** The server's side of a request that is about to be sent. {@code window} is null for one without windows. */
    static Exchange opening(FrameLink link, String method, boolean upgrade, ReceiveWindow window) {
        return new Exchange(link, false, method, upgrade, Inbox.ofResponse(window), window != null);
    }

    /** The agent's side of a request that has arrived; {@code expected} is its Content-Length, -1 for an unknown one. */
    static Exchange answering(FrameLink link, int id, String method, boolean upgrade, long expected,
            ReceiveWindow window) {
        Exchange exchange = new Exchange(link, true, method, upgrade, Inbox.ofRequest(upgrade, expected, window), true);
        exchange.id = id;
        return exchange;
    }

    /**
     * The request id.
     *
     * @return 0 before the exchange is opened
     */
    public int id() {
        return id;
    }

    /**
     * The method of the request.
     *
     * @return never null
     */
    public String method() {
        return method;
    }

    /** Whether this side answers the request, rather than makes it. */
    boolean answers() {
        return responder;
    }

    /** Where in what the writer sends the exchange begins. */
    long mark() {
        return mark;
    }

    void opened(int newId, long newMark) {
        id = newId;
        mark = newMark;
    }

    /**
     * Whether it is over for this side.
     *
     * @return true when nothing more is sent, and nothing more of the peer is wanted
     */
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
            if (!windowed) {
                awaitRingRoom();
            }
            if (!over) {
                inbox.data(b, off, length);
            }
            return receiver.take();
        } finally {
            lock.unlock();
        }
    }

    Thread deliverEnd(Fields trailerFields) throws WireException, ResetException {
        lock.lock();
        try {
            peerEnded = true;
            if (over) {
                return null;
            }
            inbox.end(trailerFields);
            over = sentEnd || !responder && !session;
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

    /** Ends the exchange as failed, wakes everyone, and runs what {@link #onFailure} asked for. {@code byPeer}: nothing more of it will come. */
    void fail(ResetException cause, boolean byPeer) {
        Runnable hook;
        List<EndHook> ending;
        lock.lock();
        try {
            peerEnded |= byPeer;
            if (over) {
                return;
            }
            over = true;
            failure = cause;
            hook = onFailure;
            ending = List.copyOf(endHooks);
            wakeAll();
        } finally {
            lock.unlock();
        }
        if (hook != null) {
            hook.run();
        }
        ending.forEach(EndHook::run);
    }

    /**
     * Whether the peer will send nothing more of this exchange: its END or RESET has arrived, or its connection is lost.
     *
     * @return false while frames of it may still come
     */
    public boolean peerEnded() {
        lock.lock();
        try {
            return peerEnded;
        } finally {
            lock.unlock();
        }
    }

    private void wakeAll() {
        receiver.wake();
        sender.wake();
        deliverer.wake();
    }

    // ---- What the receiving task asks for. ----

    /**
     * Waits for the next response head: informational ones, then the final one.
     *
     * @return the head
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

    /**
     * Whether {@link #awaitData} would return at once.
     *
     * @return true when bytes or the end are here
     */
    public boolean dataReady() {
        lock.lock();
        try {
            return inbox.ring().size() > 0 || inbox.ended();
        } finally {
            lock.unlock();
        }
    }

    /**
     * How much of the whole body is here already.
     *
     * @return the bytes that have arrived and not been taken when the end has arrived as well, otherwise -1
     */
    public int wholeRest() {
        lock.lock();
        try {
            return inbox.ended() ? inbox.ring().size() : -1;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Where the bytes are.
     *
     * @return the array; only the part that {@link #awaitData} named may be read
     */
    public byte[] data() {
        return slice;
    }

    /**
     * Where in {@link #data()} they begin.
     *
     * @return an index
     */
    public int dataOffset() {
        return sliceOffset;
    }

    /**
     * The receiving task has done with {@code count} bytes: their place may be used again, and the peer may get credit for more.
     *
     * @param count at most what {@link #awaitData} returned
     */
    public void taken(int count) {
        int grant = 0;
        lock.lock();
        try {
            if (closed) {
                return;
            }
            grant = inbox.taken(count, over);
            deliverer.wake();
        } finally {
            lock.unlock();
        }
        if (grant > 0) {
            link.sendWindow(id, grant);
        }
    }

    /**
     * The fields behind the body.
     *
     * @return what came with the END; empty before it
     */
    public Fields trailers() {
        lock.lock();
        try {
            return inbox.trailers();
        } finally {
            lock.unlock();
        }
    }

    private void awaitRingRoom() {
        while (!over && inbox.ring().size() >= UNWINDOWED_LIMIT) {
            receiver.wake();
            deliverer.await();
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
            return over ? 0 : (int) Math.min(credit, link.limits().maxFrame());
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
                endsIt = responder && !session || inbox.ended();
                over = endsIt;
                if (over) {
                    wakeAll();
                }
            }
        } finally {
            lock.unlock();
        }
        if (endsIt && responder) {
            // Before the peer can know of it, so that a place is free when its next request comes.
            link.forget(this);
        }
        try {
            if (!link.send(frames, wanted)) {
                throw failure;
            }
        } catch (ResetException reset) {
            throw reset;
        } catch (IOException lost) {
            // The same for the sender as if it had learned it first: neither visitor nor local service is to blame.
            throw new ResetException(ResetCode.BROKEN_OFF, lost.getMessage(), false);
        } finally {
            if (endsIt && !responder) {
                // A retired connection ends when its last place is free, and these frames are to be on it.
                link.forget(this);
            }
        }
    }

    /**
     * What was sent together with the REQUEST.
     *
     * @param dataBytes payload bytes of DATA
     * @param end whether the body is complete
     */
    void sentWithRequest(int dataBytes, boolean end) {
        credit -= dataBytes;
        sentEnd = end;
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

    /**
     * Runs {@code hook} when the exchange fails or is reset by the peer; at once when it has. For ending what the receiving task may be blocked on.
     *
     * @param hook must not block; null to take it back
     */
    public void onFailure(Runnable hook) {
        boolean failed;
        lock.lock();
        try {
            onFailure = hook;
            failed = failure != null;
        } finally {
            lock.unlock();
        }
        if (failed && hook != null) {
            hook.run();
        }
    }

    /**
     * Runs {@code hook} when the exchange ends early: reset by either side, or lost with its connection; at once when it has. For ending what a task is blocked on.
     *
     * @param hook must not block
     * @return closed when the hook is no longer wanted; after that it neither runs nor is running
     */
    public EndHook onEnd(Runnable hook) {
        EndHook added = new EndHook(hook);
        boolean failed;
        lock.lock();
        try {
            failed = failure != null;
            if (!failed) {
                endHooks.add(added);
            }
        } finally {
            lock.unlock();
        }
        if (failed) {
            added.run();
        }
        return added;
    }

    /**
     * Ends the exchange in both directions, unless it is over already.
     *
     * @param code why
     * @param reason for a person
     */
    public void reset(ResetCode code, String reason) {
        List<EndHook> ending;
        lock.lock();
        try {
            if (over) {
                return;
            }
            over = true;
            failure = new ResetException(code, reason, false);
            ending = List.copyOf(endHooks);
            wakeAll();
        } finally {
            lock.unlock();
        }
        ending.forEach(EndHook::run);
        // In this order: what is opened in its place comes behind its RESET.
        link.sendReset(id, code, reason);
        link.forget(this);
    }

    /** Gives back what the exchange holds; one that is not over is {@link #reset} as cancelled. Called by its owner, last. */
    public void close() {
        reset(ResetCode.CANCELLED, "cancelled");
        lock.lock();
        try {
            closed = true;
            onFailure = null;
            inbox.close();
        } finally {
            lock.unlock();
        }
    }
}
