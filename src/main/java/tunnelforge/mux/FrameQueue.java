package tunnelforge.mux;

import tunnelforge.net.Ledger;
import tunnelforge.wire.FrameBuffer;

/**
 * The frames that wait for a connection's writer, in two queues: what must not wait goes ahead of the rest. What the arrays take beyond {@link #FREE} bytes each is charged
 * to the ledger before they grow, and given back when nothing has waited for a while. What is urgent is never refused for want of memory: its writer limits it, and without a
 * WINDOW or PONG the connection, and all that it carries, would be lost. All calls are made under the writer's lock.
 */
final class FrameQueue {
    /** Part of the fixed cost of a data connection: each of the three arrays may have so much without being charged. */
    static final int FREE = 8 * 1024;

    private static final int INITIAL = 4 * 1024;
    private static final int INITIAL_URGENT = 128;

    private final Ledger ledger;
    private FrameBuffer ordered = new FrameBuffer(INITIAL);
    private FrameBuffer urgent = new FrameBuffer(INITIAL_URGENT);
    private FrameBuffer taken = new FrameBuffer(INITIAL);
    private boolean used;
    /** Of what the arrays take, so much was urgent and not covered. */
    private long uncharged;

    FrameQueue(Ledger ledger) {
        this.ledger = ledger;
    }

    /** False when the ledger does not cover the memory; nothing was added then. */
    boolean add(FrameBuffer frames) {
        return append(ordered, frames);
    }

    /** Ahead of what was added by {@link #add}, and whether the ledger covers it or not. */
    void addUrgent(FrameBuffer frames) {
        if (!append(urgent, frames)) {
            uncharged += charge(urgent.capacityFor(frames.length())) - charge(urgent.capacity());
            put(urgent, frames);
        }
    }

    /** Whether {@link #add} would find the memory; what it needs is charged by this already. */
    boolean hasRoomFor(FrameBuffer frames) {
        return grow(ordered, frames.length());
    }

    int orderedBytes() {
        return ordered.length();
    }

    int urgentBytes() {
        return urgent.length();
    }

    boolean isEmpty() {
        return ordered.length() + urgent.length() == 0;
    }

    /**
     * Takes what waits: all of it, or what is urgent alone where there is no memory to put the rest behind it.
     *
     * @return the caller's until the next call
     */
    FrameBuffer take() {
        clear(taken);
        FrameBuffer free = taken;
        if (urgent.length() == 0) {
            taken = ordered;
            ordered = free;
            return taken;
        }
        taken = urgent;
        urgent = free;
        if (append(taken, ordered)) {
            clear(ordered);
        }
        return taken;
    }

    /** Called now and then while nobody writes. Gives memory back when nothing has waited since the last time. */
    void rest() {
        if (!used && isEmpty()) {
            long charged = charged();
            ordered = new FrameBuffer(INITIAL);
            urgent = new FrameBuffer(INITIAL_URGENT);
            taken = new FrameBuffer(INITIAL);
            giveBack(charged);
        }
        used = false;
    }

    /** Nothing is written any more. */
    void close() {
        giveBack(charged());
        ordered = new FrameBuffer(0);
        urgent = new FrameBuffer(0);
        taken = new FrameBuffer(0);
    }

    private boolean append(FrameBuffer to, FrameBuffer frames) {
        if (!grow(to, frames.length())) {
            return false;
        }
        put(to, frames);
        return true;
    }

    private void put(FrameBuffer to, FrameBuffer frames) {
        used = true;
        to.ensure(frames.length());
        System.arraycopy(frames.array(), 0, to.array(), to.length(), frames.length());
        to.advance(frames.length());
    }

    private boolean grow(FrameBuffer buffer, int more) {
        int capacity = buffer.capacity();
        int needed = buffer.capacityFor(more);
        if (needed > capacity) {
            long charged = charge(needed) - charge(capacity);
            if (charged > 0 && !ledger.tryExtend(charged)) {
                return false;
            }
            try {
                buffer.ensure(more);
            } catch (OutOfMemoryError e) {
                ledger.release(charged);
                return false;
            }
        }
        return true;
    }

    private void clear(FrameBuffer buffer) {
        int capacity = buffer.capacity();
        buffer.clear();
        giveBack(charge(capacity) - charge(buffer.capacity()));
    }

    /** What was not covered goes first. */
    private void giveBack(long bytes) {
        long first = Math.min(bytes, uncharged);
        uncharged -= first;
        ledger.release(bytes - first);
    }

    private long charged() {
        return charge(ordered.capacity()) + charge(urgent.capacity()) + charge(taken.capacity());
    }

    private static long charge(int capacity) {
        return Math.max(0, capacity - FREE);
    }
}
