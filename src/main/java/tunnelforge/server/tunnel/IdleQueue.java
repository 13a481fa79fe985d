package tunnelforge.server.tunnel;

import java.util.concurrent.ConcurrentLinkedDeque;

/** Data connections with nothing on them, for tunnels that share none: what was used last is used next. Lock-free. */
final class IdleQueue {
    private final ConcurrentLinkedDeque<DataConnection> queue = new ConcurrentLinkedDeque<>();

    /** Adds one that has nothing on it, unless it is here. */
    void add(DataConnection connection) {
        if (!connection.isRetired() && connection.queued().compareAndSet(false, true)) {
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
            connection.queued().set(false);
            if (connection.take()) {
                return connection;
            }
        }
        return null;
    }

    void remove(DataConnection connection) {
        if (queue.remove(connection)) {
            connection.queued().set(false);
        }
    }
}
