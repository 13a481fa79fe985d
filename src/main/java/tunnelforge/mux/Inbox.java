package tunnelforge.mux;

import java.util.ArrayDeque;
import tunnelforge.http.Fields;
import tunnelforge.http.ResponseHead;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ResetCode;
import tunnelforge.wire.WireException;

/**
 * What has arrived of one exchange and was not taken yet, and what may arrive next. All calls are made under the exchange's lock.
 *
 * <pre>
 *   HEAD ──final RESPONSE──▶ BODY ──END──▶ ENDED      an agent's begins at BODY, or, for an Upgrade, at SILENT until its own 101
 * </pre>
 */
final class Inbox {
    private enum Next { HEAD, SILENT, BODY, ENDED }

    private static final long UNKNOWN_LENGTH = -1;
    /** Larger heads are charged to the budget, since an agent may send many of them to a visitor that does not read. */
    private static final int SMALL_HEAD = 4 * 1024;

    private final ByteRing ring = new ByteRing();
    private final ArrayDeque<ResponseHead> heads = new ArrayDeque<>(1);
    private final ReceiveWindow window;
    private Next next;
    private int informational;
    private long expected;
    private long received;
    private Fields trailers = new Fields();

    private Inbox(Next next, long expected, ReceiveWindow window) {
        this.next = next;
        this.expected = expected;
        this.window = window;
    }

    /** Of a response. {@code window} is null where TCP alone holds the sender back. */
    static Inbox ofResponse(ReceiveWindow window) {
        return new Inbox(Next.HEAD, UNKNOWN_LENGTH, window);
    }

    /** Of a request; {@code expected} is its Content-Length, -1 for an unknown one. */
    static Inbox ofRequest(boolean upgrade, long expected, ReceiveWindow window) {
        return new Inbox(upgrade ? Next.SILENT : Next.BODY, expected, window);
    }

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
        if (bytes > SMALL_HEAD && window != null && !window.charge(bytes)) {
            throw new ResetException(ResetCode.OVERLOADED, "no memory for a response head of " + bytes + " bytes", false);
        }
        heads.add(head);
    }

    /** The 101 of this side: bytes of any number may come. */
    void beginSession() {
        expected = UNKNOWN_LENGTH;
        if (next == Next.SILENT) {
            next = Next.BODY;
        }
    }

    void data(byte[] b, int off, int length) throws WireException, ResetException {
        if (next != Next.BODY) {
            throw new WireException("DATA where none is allowed");
        }
        if (window != null) {
            window.received(length);
        }
        received += length;
        if (expected != UNKNOWN_LENGTH && received > expected) {
            throw new ResetException(ResetCode.PROTOCOL, "more DATA than the Content-Length of " + expected, false);
        }
        ring.write(b, off, length);
    }

    void end(Fields trailerFields) throws WireException, ResetException {
        if (next != Next.BODY) {
            throw new WireException("END where none is allowed");
        }
        if (expected != UNKNOWN_LENGTH && received < expected) {
            throw new ResetException(ResetCode.PROTOCOL,
                    "END after " + received + " bytes of a Content-Length of " + expected, false);
        }
        next = Next.ENDED;
        trailers = trailerFields;
    }

    boolean ended() {
        return next == Next.ENDED;
    }

    /** The next head, or null. */
    ResponseHead pollHead() {
        return heads.poll();
    }

    ByteRing ring() {
        return ring;
    }

    Fields trailers() {
        return trailers;
    }

    /** {@code count} bytes were taken; returns the credit to announce for that, 0 for none. */
    int taken(int count, boolean over) {
        ring.skip(count);
        if (window == null || over || ended()) {
            return 0;
        }
        int credit = window.taken(count, ring.size(), System.nanoTime());
        ring.fit(window.reserved());
        return credit;
    }

    void close() {
        ring.clear();
        heads.clear();
        if (window != null) {
            window.close();
        }
    }
}
