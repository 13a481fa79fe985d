package tunnelforge.mux;

import tunnelforge.net.Ledger;
import tunnelforge.wire.FrameBuffer;

/**
 * The frames that wait for a connection's writer, in two queues: what must not wait goes ahead of the rest. What the arrays take beyond {@link #FREE} bytes each is charged
 * to the ledger before they grow, and given back when nothing has waited for a while. All calls are made under the writer's lock.
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

    FrameQueue(Ledger ledger) {
        this.ledger = ledger;
    }

    /** False when the ledger does not cover the memory; nothing was added then. */
    boolean add(FrameBuffer frames) {
        return append(ordered, frames);
    }

    /** Like {@link #add}, ahead of what was added by it. */
    boolean addUrgent(FrameBuffer frames) {
        return append(urgent, frames);
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
            ledger.release(charged);
        }
        used = false;
    }

    /** Nothing is written any more. */
    void close() {
        ledger.release(charged());
        ordered = new FrameBuffer(0);
        urgent = new FrameBuffer(0);
        taken = new FrameBuffer(0);
    }

    private boolean append(FrameBuffer to, FrameBuffer frames) {
        if (!grow(to, frames.length())) {
            return false;
        }
        used = true;
        System.arraycopy(frames.array(), 0, to.array(), to.length(), frames.length());
        to.advance(frames.length());
        return true;
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
        ledger.release(charge(capacity) - charge(buffer.capacity()));
    }

    private long charged() {
        return charge(ordered.capacity()) + charge(urgent.capacity()) + charge(taken.capacity());
    }

    private static long charge(int capacity) {
        return Math.max(0, capacity - FREE);
    }
}
