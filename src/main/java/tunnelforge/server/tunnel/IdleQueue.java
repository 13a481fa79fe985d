package tunnelforge.server.tunnel;

import java.util.concurrent.ConcurrentLinkedDeque;

/** Data connections that nobody shares, with nothing on them: what was used last is used next. Lock-free. */
final class IdleQueue {
    private final ConcurrentLinkedDeque<DataConnection> queue = new ConcurrentLinkedDeque<>();

    /** Adds one, if it belongs here and is not here. */
    void add(DataConnection connection) {
        if (!connection.carriage().shares() && connection.isIdle() && connection.queued().compareAndSet(false, true)) {
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
