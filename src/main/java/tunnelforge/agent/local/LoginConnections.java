package tunnelforge.agent.local;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import tunnelforge.net.Ledger;

/**
 * Idle connections to the local service on which a login was begun that holds for the connection: each waits for the next request of the visitor's connection that it was begun for,
 * and ends with that. When there are too many, the one that has been idle for longest goes.
 */
final class LoginConnections {
    static final int MOST = 1_024;

    private final Ledger memory;
    private final ReentrantLock lock = new ReentrantLock();
    /** By the id of the visitor's connection, the longest idle first. */
    private final Map<String, LocalConnection> idle = new LinkedHashMap<>();
    private boolean closed;
    /** Most services have none, and their requests need no lock for that. */
    private volatile boolean any;

    /** {@code memory} is charged for each. */
    LoginConnections(Ledger memory) {
        this.memory = memory;
    }

    /** The one that waits for this visitor's connection; null when there is none. */
    LocalConnection take(String visitor) {
        if (!any) {
            return null;
        }
        lock.lock();
        try {
            LocalConnection connection = idle.remove(visitor);
            if (connection != null) {
                memory.release(LocalConnection.BYTES);
            }
            any = !idle.isEmpty();
            return connection;
        } finally {
            lock.unlock();
        }
    }

    /** Keeps one, or ends it when that cannot be. */
    void keep(LocalConnection connection) {
        lock.lock();
        try {
            end(idle.remove(connection.visitor()));
            // Where the server names no connections, nobody is known to come back for it.
            if (closed || connection.visitor().isEmpty() || !hasRoom()) {
                connection.kill();
            } else {
                idle.put(connection.visitor(), connection);
                any = true;
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean hasRoom() {
        while (idle.size() >= MOST || !memory.tryGrow(LocalConnection.BYTES)) {
            if (idle.isEmpty()) {
                return false;
            }
            end(idle.remove(idle.keySet().iterator().next()));
        }
        return true;
    }

    /** The visitor's connection has ended. */
    void visitorHasLeft(String visitor) {
        lock.lock();
        try {
            end(idle.remove(visitor));
        } finally {
            lock.unlock();
        }
    }

    void tick(long now) {
        lock.lock();
        try {
            endIf(connection -> connection.expired(now));
        } finally {
            lock.unlock();
        }
    }

    /** One that was removed, or null. Under the lock; it waits for nothing. */
    private void end(LocalConnection connection) {
        if (connection != null) {
            memory.release(LocalConnection.BYTES);
            connection.kill();
        }
    }

    private void endIf(Predicate<LocalConnection> which) {
        for (Iterator<LocalConnection> each = idle.values().iterator(); each.hasNext();) {
            LocalConnection connection = each.next();
            if (which.test(connection)) {
                each.remove();
                end(connection);
            }
        }
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            endIf(connection -> true);
        } finally {
            lock.unlock();
        }
    }

    int size() {
        lock.lock();
        try {
            return idle.size();
        } finally {
            lock.unlock();
        }
    }
}
