package tunnelforge.server.tunnel;

import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;

/** Data connections with nothing on them, for tunnels that share none: what was used last is used next. Lock-free. */
final class IdleQueue {
    private final ConcurrentLinkedDeque<DataConnection> queue = new ConcurrentLinkedDeque<>();
    private final AtomicInteger size = new AtomicInteger();

    int size() {
        return size.get();
    }

    /** Adds one that has nothing on it, unless it is here. */
    void add(DataConnection connection) {
        if (!connection.isRetired() && connection.queued().compareAndSet(false, true)) {
            size.incrementAndGet();
            queue.addFirst(connection);
            if (connection.isRetired()) {
                // Meanwhile, perhaps after remove() had looked.
                remove(connection);
            }
        }
    }

    /** One with its place taken; null when there is none. What gives no place now leaves the queue. */
    DataConnection take() {
        DataConnection connection;
        while ((connection = queue.pollFirst()) != null) {
            size.decrementAndGet();
            connection.queued().set(false);
            if (connection.take()) {
                return connection;
            }
        }
        return null;
    }

    void remove(DataConnection connection) {
        if (queue.remove(connection)) {
            size.decrementAndGet();
            connection.queued().set(false);
        }
    }
}
