package tunnelforge.mux;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import tunnelforge.net.Ledger;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.Limits;
import tunnelforge.wire.WireException;

/**
 * Sends the frames of many tasks over one stream. Whoever finds nobody writing writes; whoever comes meanwhile leaves its frames in the queue, and the one who
 * writes takes all of them with its next write. A sender on a connection that others use as well first lets the other runnable tasks go ahead ({@link Thread#yield}),
 * so that they leave something in the queue: one system call and one TLS record for many frames. A sender waits only while the queue is full, which is how a slow
 * stream holds its senders back.
 *
 * <p>Who must not wait even for that {@link #post}s. What is {@link #postUrgent posted urgently} has a small queue of its own, which goes ahead of everything else with
 * the next write. The flush task writes what was posted when nobody else does, and relieves a sender that has written for others {@link #ROUNDS} times.
 *
 * <p>So there are two orders. What is sent, opened, drained or posted leaves as it came, whoever writes it; what is posted urgently leaves as it came as well, and
 * may pass the others.
 *
 * <p>Long, because one lock decides who writes, what waits, what has left and what is not wanted any more.
 */
final class FrameWriter {
    /** Senders wait while more than this is queued. */
    static final int QUEUE_LIMIT = 128 * 1024;
    /** What may wait to be said urgently; a peer that does not take that floods us with what must be answered. */
    static final int URGENT_LIMIT = 64 * 1024;
    /** How many times a sender writes what others have queued before it goes back to its own work. */
    static final int ROUNDS = 4;
    /** So many bytes are worth a write of their own: nothing is gained by waiting for more. */
    static final int WORTH_A_WRITE = 32 * 1024;

    /** What a task has to do. */
    private enum Turn {
        /** Nothing: somebody else writes. */
        LEFT,
        /** Let others go ahead, then write what is queued. */
        GATHER,
        /** Write what is queued. */
        TAKE,
        /** Write its own frames, then what is queued. */
        DIRECT,
    }

    /** Who writes what is posted while nobody writes. */
    enum By {
        /** Whoever posts it. */
        CALLER,
        /** Another task, so that the caller waits for nothing at all. */
        FLUSH_TASK,
        /** Whoever writes next; the caller sees to it, with {@link #flush}, that somebody does. */
        WHOEVER_COMES,
    }

    static final BooleanSupplier ALWAYS = () -> true;

    private final OutputStream out;
    private final Runnable end;
    private final BooleanSupplier shared;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition room = lock.newCondition();
    private final Condition work = lock.newCondition();
    private final FrameQueue queue;
    private boolean writing;
    private boolean relief;
    private boolean draining;
    private boolean ending;
    /** The connection is to be ended by {@link #unlock}: not under the lock, since those who learn of it may wait for that. */
    private boolean toEnd;
    private IOException failure;
    private int lastId;
    private long queuedBytes;
    private long leavingBytes;

    /**
     * @param out each write to it is worth avoiding
     * @param end ends the connection; called once or more, by any task; does not block
     * @param shared whether others are likely to send as well
     */
    FrameWriter(OutputStream out, Runnable end, BooleanSupplier shared, Ledger ledger) {
        this.out = out;
        this.end = end;
        this.shared = shared;
        this.queue = new FrameQueue(ledger);
    }

    /** What learns the number of an exchange that is being opened. */
    interface Opening {
        void opened(int id, long mark);
    }

    /**
     * Opens an exchange: gives it the next id, writes that into each of {@code frames}, and sends them.
     *
     * @param opening learns the id, and the mark for {@link #mayHaveLeft}, before any frame can be answered; called under the state lock
     * @throws IOException when nothing has left, and {@code opening} was not called
     */
    void open(FrameBuffer frames, Opening opening) throws IOException {
        Turn turn;
        lock.lock();
        try {
            awaitRoom(frames);
            if (draining) {
                throw new WireException("the connection takes no new exchanges");
            }
            if (lastId == Limits.MAX_REQUEST_ID) {
                throw new WireException("the connection has used up its request ids");
            }
            lastId++;
            frames.setIds(lastId);
            opening.opened(lastId, queuedBytes);
            turn = enqueue(frames);
        } finally {
            lock.unlock();
        }
        try {
            write(turn, frames);
        } catch (IOException e) {
            // What was opened is lost with the connection, and learns what may have left when the reading task ends.
        }
    }

    /**
     * Sends what is still wanted when its turn has come; waits while the queue is full. When it returns, the frames are in the queue or in the stream.
     *
     * @param wanted asked under the state lock; so what it rules out never comes behind what was posted when it began to
     * @return false when the frames were dropped
     */
    boolean send(FrameBuffer frames, BooleanSupplier wanted) throws IOException {
        Turn turn;
        lock.lock();
        try {
            awaitRoom(frames);
            if (!wanted.getAsBoolean()) {
                return false;
            }
            turn = enqueue(frames);
        } finally {
            lock.unlock();
        }
        write(turn, frames);
        return true;
    }

    /** Queues frames behind all that is queued, and waits for no room. For what is small and few: some for each exchange. */
    void post(FrameBuffer frames, By by) throws IOException {
        Turn turn;
        lock.lock();
        try {
            requireOpen();
            if (!queue.add(frames)) {
                throw noMemory(frames);
            }
            queuedBytes += frames.length();
            turn = turn(by);
        } finally {
            unlock();
        }
        write(turn, null);
    }

    /** Queues frames ahead of all that is sent in order, and waits for no room; nothing when they are not {@code wanted}, asked under the state lock. */
    void postUrgent(FrameBuffer frames, By by, BooleanSupplier wanted) throws IOException {
        Turn turn;
        lock.lock();
        try {
            if (!wanted.getAsBoolean()) {
                return;
            }
            requireOpen();
            if (queue.urgentBytes() + frames.length() > URGENT_LIMIT) {
                throw new WireException("more than " + URGENT_LIMIT + " bytes of answers wait for the peer to read");
            }
            queue.addUrgent(frames);
            queuedBytes += frames.length();
            turn = turn(by);
        } finally {
            lock.unlock();
        }
        write(turn, null);
    }

    /** Writes what is queued, unless somebody else is about to. */
    void flush() throws IOException {
        Turn turn;
        lock.lock();
        try {
            turn = failure != null || queue.isEmpty() ? Turn.LEFT : turn(By.CALLER);
        } finally {
            lock.unlock();
        }
        write(turn, null);
    }

    /** Under the lock. */
    private Turn turn(By by) {
        if (writing || by == By.WHOEVER_COMES) {
            return Turn.LEFT;
        }
        if (by == By.FLUSH_TASK) {
            work.signal();
            return Turn.LEFT;
        }
        Turn turn = shared.getAsBoolean() ? Turn.GATHER : Turn.TAKE;
        writing = true;
        return turn;
    }

    /** Queues DRAIN behind every REQUEST there was, and lets none follow; waits for nothing. */
    void drain() throws IOException {
        FrameBuffer frame = new FrameBuffer(Limits.FRAME_HEADER);
        frame.drain();
        lock.lock();
        try {
            draining = true;
            post(frame, By.FLUSH_TASK);
        } finally {
            unlock();
        }
    }

    /** Ends the connection as soon as all that is queued has been written; waits for nothing. */
    void endWhenSent() {
        boolean sent;
        lock.lock();
        try {
            ending = true;
            sent = !writing && queue.isEmpty();
        } finally {
            lock.unlock();
        }
        if (sent) {
            end.run();
        }
    }

    /** The flush task: writes what was posted while nobody wrote, until {@link #fail}. */
    void flushPosted() {
        try {
            while (awaitWork()) {
                write(Turn.TAKE, null);
            }
        } catch (IOException e) {
            // write() has reported it.
        }
    }

    private boolean awaitWork() {
        lock.lock();
        try {
            while (failure == null && !relief && (writing || queue.isEmpty())) {
                work.awaitUninterruptibly();
            }
            relief = false;
            writing = true;
            return failure == null;
        } finally {
            lock.unlock();
        }
    }

    /** Whether any byte after {@code mark} may have reached the stream. */
    boolean mayHaveLeft(long mark) {
        lock.lock();
        try {
            return leavingBytes > mark;
        } finally {
            lock.unlock();
        }
    }

    /** What was sent so far, in bytes. */
    long bytes() {
        lock.lock();
        try {
            return queuedBytes;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the writer: whoever waits or comes later gets {@code cause}. */
    void fail(IOException cause) {
        lock.lock();
        try {
            if (failure == null) {
                failure = cause;
                queue.close();
            }
            room.signalAll();
            work.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void awaitRoom(FrameBuffer frames) throws IOException {
        requireOpen();
        while ((writing || queue.orderedBytes() > 0) && (queue.orderedBytes() > QUEUE_LIMIT || !queue.hasRoomFor(frames))) {
            room.awaitUninterruptibly();
            requireOpen();
        }
    }

    private void requireOpen() throws IOException {
        if (failure != null) {
            throw new IOException("the data connection is gone: " + failure.getMessage(), failure);
        }
    }

    private IOException noMemory(FrameBuffer frames) {
        IOException cause = new IOException("no memory is left for " + frames.length() + " bytes that cannot wait");
        fail(cause);
        toEnd = true;
        return cause;
    }

    private void unlock() {
        boolean ends = toEnd && lock.getHoldCount() == 1;
        toEnd &= !ends;
        lock.unlock();
        if (ends) {
            end.run();
        }
    }

    /** Under the lock, after {@link #awaitRoom}. */
    private Turn enqueue(FrameBuffer frames) {
        if (writing) {
            // There is room: awaitRoom() has looked, under the same lock.
            queue.add(frames);
            queuedBytes += frames.length();
            return Turn.LEFT;
        }
        boolean behind = queue.orderedBytes() > 0;
        boolean gather = frames.length() < WORTH_A_WRITE && shared.getAsBoolean();
        boolean queued = (behind || gather) && queue.add(frames);
        // From here on nothing can throw: whoever is said to write comes to write().
        writing = true;
        queuedBytes += frames.length();
        if (queued) {
            return gather ? Turn.GATHER : Turn.TAKE;
        }
        leavingBytes = queuedBytes;
        return Turn.DIRECT;
    }

    /** By whoever has set {@code writing}: returns when nothing is left to write or the flush task is to go on; otherwise the connection has ended. */
    private void write(Turn turn, FrameBuffer own) throws IOException {
        if (turn == Turn.LEFT) {
            return;
        }
        try {
            if (turn == Turn.GATHER) {
                Thread.yield();
            } else if (turn == Turn.DIRECT) {
                out.write(own.array(), 0, own.length());
            }
            FrameBuffer taken;
            for (int round = 0; (taken = takeQueued(round)) != null; round++) {
                out.write(taken.array(), 0, taken.length());
            }
        } catch (IOException e) {
            fail(e);
            end.run();
            throw e;
        } catch (RuntimeException | Error e) {
            end.run();
            fail(new IOException("writing has failed: " + e, e));
            throw e;
        }
    }

    /** Called now and then: gives back memory that is not needed any more. */
    void rest() {
        lock.lock();
        try {
            if (!writing && failure == null) {
                queue.rest();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Null when nothing is left to write, or the flush task is to write it, be it the caller itself. */
    private FrameBuffer takeQueued(int round) {
        lock.lock();
        try {
            room.signalAll();
            if (queue.isEmpty()) {
                writing = false;
                toEnd |= ending;
                return null;
            }
            if (round >= ROUNDS) {
                relief = true;
                work.signal();
                return null;
            }
            FrameBuffer taken = queue.take();
            if (queue.orderedBytes() == 0) {
                leavingBytes = queuedBytes;
            }
            return taken;
        } finally {
            unlock();
        }
    }
}
