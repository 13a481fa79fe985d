package tunnelforge.server.access;

import java.util.concurrent.atomic.LongAdder;

/** What has moved through one tunnel, or through all of a protocol, which a tunnel's counts as well. Any task may call it; counting neither locks nor allocates nor waits. */
public final class Traffic {
    private final Traffic whole;
    private final LongAdder exchanges = new LongAdder();
    private final LongAdder received = new LongAdder();
    private final LongAdder sent = new LongAdder();

    /** Of a protocol. */
    Traffic() {
        this(null);
    }

    private Traffic(Traffic whole) {
        this.whole = whole;
    }

    /** Of a tunnel. */
    public Traffic part() {
        return new Traffic(this);
    }

    /** A request or a session has been taken in. */
    public void begins() {
        for (Traffic each = this; each != null; each = each.whole) {
            each.exchanges.increment();
        }
    }

    /** So many bytes of a body or a session have come from a visitor. */
    public void received(int bytes) {
        for (Traffic each = this; each != null; each = each.whole) {
            each.received.add(bytes);
        }
    }

    /** So many bytes of a body or a session go to a visitor. */
    public void sent(int bytes) {
        for (Traffic each = this; each != null; each = each.whole) {
            each.sent.add(bytes);
        }
    }

    /** Requests and sessions so far. */
    public long exchanges() {
        return exchanges.sum();
    }

    /** Bytes of bodies and sessions from visitors so far. */
    public long receivedBytes() {
        return received.sum();
    }

    /** Bytes of bodies and sessions to visitors so far. */
    public long sentBytes() {
        return sent.sum();
    }
}
