package tunnelforge.server.accesslog;

import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicReference;
import tunnelforge.server.edge.Served;

/** What waits to be written: a stack of any tasks', turned round by the one that takes it whole. Without a lock; each entry knows how much memory it and all below it take. */
final class Backlog {
    /** Memory of what waits, about. */
    static final int MAX_BYTES = 4 * 1024 * 1024;
    /** So much is written before its time. */
    static final int MUCH_BYTES = 256 * 1024;

    private static final int USUAL_BYTES = 400;

    private final AtomicReference<Entry> top = new AtomicReference<>();
    private final Runnable whenMuch;

    private record Entry(Served served, int bytes, Entry below) {
    }

    /** {@code whenMuch}: run by whoever adds when there is so much that it is worth a write. */
    Backlog(Runnable whenMuch) {
        this.whenMuch = whenMuch;
    }

    /** False when there is no room. */
    boolean add(Served served) {
        int own = bytes(served);
        Entry below;
        int before;
        do {
            below = top.get();
            before = below == null ? 0 : below.bytes;
            if (before + own > MAX_BYTES) {
                return false;
            }
        } while (!top.compareAndSet(below, new Entry(served, before + own, below)));
        if (before < MUCH_BYTES && before + own >= MUCH_BYTES) {
            whenMuch.run();
        }
        return true;
    }

    /** How much waits. */
    int bytes() {
        Entry now = top.get();
        return now == null ? 0 : now.bytes;
    }

    /** Takes all, in the order in which they were added. */
    ArrayDeque<Served> takeAll() {
        ArrayDeque<Served> all = new ArrayDeque<>();
        for (Entry entry = top.getAndSet(null); entry != null; entry = entry.below) {
            all.addFirst(entry.served);
        }
        return all;
    }

    private static int bytes(Served served) {
        Served.Asked asked = served.request();
        int bytes = USUAL_BYTES + length(served.host()) + length(served.user());
        return asked == null ? bytes : bytes + length(asked.line()) + length(asked.target()) + length(asked.referer()) + length(asked.userAgent());
    }

    private static int length(String text) {
        return text == null ? 0 : text.length();
    }
}
