package tunnelforge.server.edge;

import java.util.concurrent.locks.ReentrantLock;
import tunnelforge.http.Room;

/**
 * What one visitor's connection has been given of the room for large requests. All of it goes back when the connection has ended, also what
 * a task that has not noticed yet would give back later.
 */
final class VisitorRoom implements Room, AutoCloseable {
    private final Room room;
    private final ReentrantLock lock = new ReentrantLock();
    private int taken;
    private boolean closed;

    VisitorRoom(Room room) {
        this.room = room;
    }

    @Override
    public boolean take(int bytes) {
        lock.lock();
        try {
            if (closed || !room.take(bytes)) {
                return false;
            }
            taken += bytes;
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void giveBack(int bytes) {
        lock.lock();
        try {
            if (!closed) {
                taken -= bytes;
                room.giveBack(bytes);
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            room.giveBack(taken);
            taken = 0;
        } finally {
            lock.unlock();
        }
    }
}
