package tunnelforge.mux;

import java.util.ArrayDeque;
import tunnelforge.http.Fields;
import tunnelforge.http.Framing;
import tunnelforge.http.ResponseHead;
import tunnelforge.net.Clock;
import tunnelforge.net.Ledger;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ResetCode;
import tunnelforge.wire.WireException;

/**
 * What has arrived of one exchange and was not taken yet, and what may arrive next. All of it is charged: bytes of DATA by the window that let them come, the rest as it
 * arrives. The reading task delivers ({@link #head}, {@link #data}, {@link #end}), one task receives; both under the exchange's lock where nothing else is said.
 *
 * <pre>
 *   HEAD ──final RESPONSE──▶ BODY ──END──▶ ENDED      an agent's begins at BODY, or, for an Upgrade, at AHEAD: only its body comes until its own 101
 * </pre>
 */
final class Inbox {
    /** What a task that brings more than is taken leaves in the ring, where no windows hold it back, before it waits. Whoever opens such an exchange has reserved it. */
    static final int UNWINDOWED_LIMIT = 256 * 1024;

    private enum Next { HEAD, AHEAD, BODY, ENDED }

    private static final long UNKNOWN_LENGTH = -1;
    /** Part of the fixed cost of an exchange: so many bytes of heads and trailers are not charged. */
    private static final int FREE_HEADS = 4 * 1024;

    private final ExchangeState state = new ExchangeState();
    private final ByteRing ring = new ByteRing();
    private final ArrayDeque<ResponseHead> heads = new ArrayDeque<>(1);
    private final ReceiveWindow window;
    private Ledger ledger;
    private final Clock clock;
    private Next next;
    private int informational;
    private long expected;
    private long received;
    private long fieldBytes;
    private long charged;
    private boolean closed;
    /** So many bytes of DATA have come before, on a connection that was lost. */
    private long again;
    private boolean endsAgain;
    /** What {@link #awaitData} has named: the ring may grow into another array while the receiving task reads this one. */
    private byte[] slice;
    private int sliceOffset;
    private Fields trailers = new Fields();

    private Inbox(Next next, long expected, ReceiveWindow window, Ledger ledger, Clock clock) {
        this.next = next;
        this.expected = expected;
        this.window = window;
        this.ledger = ledger;
        this.clock = clock;
    }

    /** Of a response. {@code window} is null where TCP alone holds the sender back; {@code from}: the byte of its body with which DATA begins. */
    static Inbox ofResponse(ReceiveWindow window, long from, Ledger ledger, Clock clock) {
        Inbox inbox = new Inbox(Next.HEAD, UNKNOWN_LENGTH, window, ledger, clock);
        inbox.received = from;
        return inbox;
    }

    /** Of a request; {@code expected} is its Content-Length, -1 for an unknown one. */
    static Inbox ofRequest(boolean upgrade, long expected, ReceiveWindow window, Ledger ledger, Clock clock) {
        return new Inbox(upgrade ? Next.AHEAD : Next.BODY, expected, window, ledger, clock);
    }

    /** How many bytes of DATA a framing promises; -1 for an unknown number. */
    static long expected(Framing framing) {
        return switch (framing) {
            case Framing.Length(long bytes) -> bytes;
            case Framing.None none -> 0;
            case Framing.Chunked chunked -> UNKNOWN_LENGTH;
            case Framing.UntilClose untilClose -> throw new IllegalStateException("nothing that is forwarded has such a framing");
        };
    }

    ExchangeState state() {
        return state;
    }

    // ---- What arrives. ----

    /** A head of {@code bytes} has arrived; {@code contentLength} is -1 for a body of unknown length. */
    void head(ResponseHead head, int bytes, long contentLength) throws WireException, ResetException {
        if (next != Next.HEAD) {
            throw new WireException("RESPONSE after the final one");
        }
        if (head.status() >= 200 || head.status() == 101) {
            expected = contentLength;
            next = Next.BODY;
        } else if (++informational > Limits.MAX_INFORMATIONAL) {
            throw new WireException("more than " + Limits.MAX_INFORMATIONAL + " informational responses");
        }
        chargeFields(bytes, "a response head");
        heads.add(head);
    }

    /** The 101 of this side: bytes of any number may come. */
    void beginSession() {
        expected = UNKNOWN_LENGTH;
        if (next == Next.AHEAD) {
            next = Next.BODY;
        }
        // The tunnel's part is for requests, of which there are to be as many beside any number of sessions.
        chargeTo(ledger.whole());
    }

    /** Whether more is here than a task may leave that no window holds back. */
    boolean isFull() {
        return window == null && ring.size() >= UNWINDOWED_LIMIT;
    }

    /** The request is sent again, from its first byte: what has come already is dropped. */
    void comesAgain() {
        again = received;
        endsAgain = ended();
    }

    void data(byte[] b, int off, int length) throws WireException, ResetException {
        if (again > 0 || endsAgain) {
            int known = (int) Math.min(again, length);
            again -= known;
            if (endsAgain || known == length) {
                return;
            }
            data(b, off + known, length - known);
            return;
        }
        if (next != Next.BODY && (next != Next.AHEAD || received + length > expected)) {
            throw new WireException("DATA where none is allowed");
        }
        if (window != null) {
            window.received(length);
        }
        received += length;
        if (expected != UNKNOWN_LENGTH && received > expected) {
            throw new ResetException(ResetCode.PROTOCOL, "more DATA than the Content-Length of " + expected, false);
        }
        if (window == null && !charge(unreserved(ring.capacityFor(length)) - unreserved(ring.capacityFor(0)))) {
            throw noMemory("a body", length);
        }
        ring.write(b, off, length);
    }

    /** {@code bytes}: what the trailers took on the wire. */
    void end(Fields trailerFields, int bytes) throws WireException, ResetException {
        if (endsAgain) {
            return;
        }
        if (next != Next.BODY) {
            throw new WireException("END where none is allowed");
        }
        if (expected != UNKNOWN_LENGTH && received < expected) {
            throw new ResetException(ResetCode.PROTOCOL,
                    "END after " + received + " bytes of a Content-Length of " + expected, false);
        }
        chargeFields(bytes, "trailers");
        next = Next.ENDED;
        trailers = trailerFields;
    }

    /** Takes the lock itself. */
    long received() {
        state.lock();
        try {
            return received;
        } finally {
            state.unlock();
        }
    }

    boolean ended() {
        return next == Next.ENDED;
    }

    // ---- What is taken. These take the lock themselves. ----

    /** As {@link Exchange#awaitHead}. */
    ResponseHead awaitHead() throws ResetException {
        state.lock();
        try {
            ResponseHead head;
            while ((head = heads.poll()) == null) {
                state.requireNoFailure();
                state.receiver.await();
            }
            return head;
        } finally {
            state.unlock();
        }
    }

    /**
     * Waits until bytes, or the end, have arrived. The bytes are {@link #data()} from {@link #dataOffset()} on, and stay there until {@link #taken} is called; what had
     * arrived before a failure is given out before the failure is.
     *
     * @return how many bytes there are in one piece; 0 at the end
     * @throws ResetException when the exchange is over before its end
     */
    int awaitData() throws ResetException {
        state.lock();
        try {
            int count;
            while ((count = nextPiece()) < 0) {
                state.requireNoFailure();
                if (state.isOver()) {
                    throw new ResetException(ResetCode.CANCELLED, "the response is complete", false);
                }
                state.receiver.await();
            }
            return count;
        } finally {
            state.unlock();
        }
    }

    /** As {@link #awaitData}, but -1 where that would wait or fail. */
    int dataAtHand() {
        state.lock();
        try {
            return nextPiece();
        } finally {
            state.unlock();
        }
    }

    private int nextPiece() {
        if (ring.size() == 0) {
            return ended() ? 0 : -1;
        }
        slice = ring.array();
        sliceOffset = ring.offset();
        return ring.contiguous();
    }

    /** Where the bytes are; only the part that {@link #awaitData} named may be read. By the task that receives. */
    byte[] data() {
        return slice;
    }

    int dataOffset() {
        return sliceOffset;
    }

    /** As {@link Exchange#wholeRest}. */
    int wholeRest() {
        state.lock();
        try {
            return ended() ? ring.size() : -1;
        } finally {
            state.unlock();
        }
    }

    /** By the task that receives, when it has seen the end. */
    Fields trailers() {
        return trailers;
    }

    /** {@code count} bytes were taken; returns the credit to announce for that, 0 for none. */
    int taken(int count) {
        state.lock();
        try {
            ring.skip(count);
            state.deliverer.wake();
            if (window == null || closed || state.isOver() || ended()) {
                return 0;
            }
            int credit = window.taken(count, ring.size(), clock.nanos());
            ring.fit(window.reserved());
            return credit;
        } finally {
            state.unlock();
        }
    }

    // ---- What it costs. ----

    private static long unreserved(int capacity) {
        return Math.max(0, capacity - UNWINDOWED_LIMIT);
    }

    private void chargeFields(int bytes, String what) throws ResetException {
        long before = Math.max(0, fieldBytes - FREE_HEADS);
        fieldBytes += bytes;
        if (!charge(Math.max(0, fieldBytes - FREE_HEADS) - before)) {
            throw noMemory(what, bytes);
        }
    }

    private static ResetException noMemory(String what, int bytes) {
        return new ResetException(ResetCode.OVERLOADED, "no memory for " + what + " of " + bytes + " bytes", false);
    }

    /** Reserves for the exchange, until {@link #close}; false when the ledger does not cover it. */
    private boolean charge(long bytes) {
        if (closed || bytes > 0 && !ledger.tryExtend(bytes)) {
            return false;
        }
        charged += bytes;
        return true;
    }

    /** Like {@link #charge}, for what can be done without; takes the lock itself. */
    boolean chargeGrowth(long bytes) {
        state.lock();
        try {
            if (closed || !ledger.tryGrow(bytes)) {
                return false;
            }
            charged += bytes;
            return true;
        } finally {
            state.unlock();
        }
    }

    /** Moves all that is charged to another ledger; false when it has no room. */
    boolean chargeTo(Ledger to) {
        long held = charged + (window == null ? 0 : window.reserved());
        if (closed || !to.tryReserve(held)) {
            return false;
        }
        ledger.release(held);
        ledger = to;
        if (window != null) {
            window.chargedTo(to);
        }
        return true;
    }

    void close() {
        if (closed) {
            return;
        }
        closed = true;
        ring.clear();
        heads.clear();
        ledger.release(charged);
        if (window != null) {
            window.close();
        }
    }
}
