package tunnelforge.mux;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.Limits;
import tunnelforge.wire.WireException;

/**
 * Sends the frames of many tasks over one stream. Whoever finds nobody writing writes; whoever comes meanwhile leaves its frames
 * in the queue, and the one who writes takes all of them with its next write: one TLS write for many frames, and no hand-off when there is
 * no contention. A sender waits only while the queue is full, which is how a slow stream holds its senders back.
 *
 * <p>The reading task must not wait even for that, so what it has to say it {@link #post}s: a small urgent queue that goes ahead
 * of everything else with the next write. The flush task writes it when nobody else does, and relieves a sender that has
 * written for others {@link #ROUNDS} times.
 *
 * <p>So there are two orders. What is sent, opened, drained or posted in order leaves as it came, whoever writes it; what is posted or sent urgently leaves as
 * it came as well, and may pass the others.
 */
final class FrameWriter {
    /** Senders wait while more than this is queued. */
    static final int QUEUE_LIMIT = 128 * 1024;
    /** What may wait to be said urgently; a peer that does not take that floods us with what must be answered. */
    static final int URGENT_LIMIT = 64 * 1024;
    /** How many times a sender writes what others have queued before it goes back to its own work. */
    static final int ROUNDS = 4;

    private static final int INITIAL_QUEUE = 4 * 1024;
    private static final int INITIAL_URGENT = 128;

    private final OutputStream out;
    private final Runnable end;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition room = lock.newCondition();
    private final Condition work = lock.newCondition();
    private final FrameBuffer nothing = new FrameBuffer(0);
    private FrameBuffer queue = new FrameBuffer(INITIAL_QUEUE);
    private FrameBuffer urgent = new FrameBuffer(INITIAL_URGENT);
    private FrameBuffer sending = new FrameBuffer(INITIAL_QUEUE);
    private boolean writing;
    /** When the write under way began; 0 when there is none. */
    private volatile long writeBegan;
    private boolean relief;
    private boolean draining;
    private boolean ending;
    private IOException failure;
    private volatile int lastId;
    private long queuedBytes;
    private long leavingBytes;

    /**
     * @param out each write to it is worth avoiding
     * @param end ends the connection; called once or more, by any task; does not block
     */
    FrameWriter(OutputStream out, Runnable end) {
        this.out = out;
        this.end = end;
    }

    /** What learns the number of an exchange that is being opened. */
    interface Opening {
        void opened(int id, long mark);
    }

    /**
     * Opens an exchange: gives it the next id, writes that into each of {@code frames}, and sends them.
     *
     * @param opening learns the id, and the mark for {@link #mayHaveLeft}, before any frame can be answered; called under the state lock
     */
    void open(FrameBuffer frames, Opening opening) throws IOException {
        FrameBuffer first;
        lock.lock();
        try {
            awaitRoom();
            if (draining) {
                throw new WireException("the connection takes no new exchanges");
            }
            if (lastId == Limits.MAX_REQUEST_ID) {
                throw new WireException("the connection has used up its request ids");
            }
            lastId++;
            setIds(frames, lastId);
            opening.opened(lastId, queuedBytes);
            first = enqueue(frames, queue);
        } finally {
            lock.unlock();
        }
        if (first != null) {
            write(first);
        }
    }

    /** Sends; waits while the queue is full. When it returns, the frames are in the queue or in the stream. */
    void send(FrameBuffer frames) throws IOException {
        FrameBuffer first;
        lock.lock();
        try {
            awaitRoom();
            first = enqueue(frames, queue);
        } finally {
            lock.unlock();
        }
        if (first != null) {
            write(first);
        }
    }

    /** Sends ahead of what is queued, and waits for nothing but the stream itself. */
    void sendUrgent(FrameBuffer frames) throws IOException {
        FrameBuffer first;
        lock.lock();
        try {
            requireOpen();
            requireUrgentRoom(frames);
            first = enqueue(frames, urgent);
        } finally {
            lock.unlock();
        }
        if (first != null) {
            write(first);
        }
    }

    /** Leaves frames to whoever writes next; waits for nothing at all. */
    void post(FrameBuffer frames) throws IOException {
        lock.lock();
        try {
            requireOpen();
            requireUrgentRoom(frames);
            append(urgent, frames);
            if (!writing) {
                work.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Leaves frames behind what is queued; waits for nothing at all. For what is small and few: one for each exchange. */
    void postInOrder(FrameBuffer frames) throws IOException {
        lock.lock();
        try {
            requireOpen();
            queuedBytes += frames.length();
            append(queue, frames);
            if (!writing) {
                work.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Queues DRAIN behind every REQUEST there was, and lets none follow; waits for nothing. */
    void drain() throws IOException {
        FrameBuffer frame = new FrameBuffer(Limits.FRAME_HEADER);
        frame.drain();
        lock.lock();
        try {
            draining = true;
            postInOrder(frame);
        } finally {
            lock.unlock();
        }
    }

    /** Ends the connection as soon as all that is queued has been written; waits for nothing. */
    void endWhenSent() {
        boolean sent;
        lock.lock();
        try {
            ending = true;
            sent = !writing && urgent.length() + queue.length() == 0;
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
                write(null);
            }
        } catch (IOException e) {
            // write() has reported it.
        }
    }

    private boolean awaitWork() {
        lock.lock();
        try {
            while (failure == null && !relief && (writing || urgent.length() + queue.length() == 0)) {
                work.awaitUninterruptibly();
            }
            relief = false;
            writing = true;
            return failure == null;
        } finally {
            lock.unlock();
        }
    }

    /** The highest id given so far; 0 before the first. */
    int lastId() {
        return lastId;
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

    /** Ends the writer: whoever waits or comes later gets {@code cause}. */
    void fail(IOException cause) {
        lock.lock();
        try {
            if (failure == null) {
                failure = cause;
            }
            room.signalAll();
            work.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void awaitRoom() throws IOException {
        requireOpen();
        while (writing && queue.length() > QUEUE_LIMIT) {
            room.awaitUninterruptibly();
            requireOpen();
        }
    }

    private void requireOpen() throws IOException {
        if (failure != null) {
            throw new IOException("the data connection is gone: " + failure.getMessage(), failure);
        }
    }

    private void requireUrgentRoom(FrameBuffer frames) throws WireException {
        if (urgent.length() + frames.length() > URGENT_LIMIT) {
            throw new WireException("more than " + URGENT_LIMIT + " bytes of answers wait for the peer to read");
        }
    }

    /**
     * Under the lock. What the caller is to {@link #write} first: the frames, or nothing where something was left before them; null when they are queued for who
     * writes.
     */
    private FrameBuffer enqueue(FrameBuffer frames, FrameBuffer behind) {
        queuedBytes += frames.length();
        if (writing) {
            append(behind, frames);
            return null;
        }
        writing = true;
        if (behind.length() > 0) {
            append(behind, frames);
            return nothing;
        }
        leavingBytes = queuedBytes;
        return frames;
    }

    private void write(FrameBuffer own) throws IOException {
        try {
            if (own != null && own != nothing) {
                writeOut(own);
            }
            for (int round = own == null ? Integer.MIN_VALUE : 0; takeQueued(round); round++) {
                writeOut(sending);
            }
        } catch (IOException e) {
            fail(e);
            end.run();
            throw e;
        }
    }

    private void writeOut(FrameBuffer frames) throws IOException {
        writeBegan = System.nanoTime();
        out.write(frames.array(), 0, frames.length());
        writeBegan = 0;
    }

    /** Whether one write has been waiting for the peer to read for longer than {@code limit} nanoseconds. */
    boolean stalled(long now, long limit) {
        long began = writeBegan;
        return began != 0 && now - began > limit;
    }

    private boolean takeQueued(int round) {
        lock.lock();
        try {
            sending.clear();
            if (urgent.length() + queue.length() == 0) {
                writing = false;
                if (ending) {
                    end.run();
                }
                return false;
            }
            if (round >= ROUNDS) {
                relief = true;
                work.signal();
                return false;
            }
            if (urgent.length() > 0) {
                append(urgent, queue);
                queue.clear();
                FrameBuffer swap = sending;
                sending = urgent;
                urgent = swap;
            } else {
                FrameBuffer swap = sending;
                sending = queue;
                queue = swap;
            }
            leavingBytes = queuedBytes;
            room.signalAll();
            return true;
        } finally {
            lock.unlock();
        }
    }

    private static void append(FrameBuffer to, FrameBuffer frames) {
        to.ensure(frames.length());
        System.arraycopy(frames.array(), 0, to.array(), to.length(), frames.length());
        to.advance(frames.length());
    }

    private static void setIds(FrameBuffer frames, int id) {
        byte[] b = frames.array();
        for (int at = 0; at < frames.length();) {
            FrameBuffer.patchId(b, at, id);
            int payload = (b[at + 5] & 0xff) << 16 | (b[at + 6] & 0xff) << 8 | b[at + 7] & 0xff;
            at += Limits.FRAME_HEADER + payload;
        }
    }
}
