package tunnelforge.agent.tunnel;

import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import tunnelforge.wire.FrameBuffer;

/** Buffers for what exchanges send, used again by the next one: one grows to 64 KiB with the first body. */
final class FrameBuffers {
    /** More exchanges than this seldom send at the same moment. */
    private static final int KEPT = 32;
    /** A head and the first piece of a body. */
    private static final int SMALLEST = 9 * 1024;

    private final ConcurrentLinkedDeque<FrameBuffer> kept = new ConcurrentLinkedDeque<>();
    private final AtomicInteger count = new AtomicInteger();

    /** An empty buffer, the taker's until {@link #give}. */
    FrameBuffer take() {
        FrameBuffer buffer = kept.pollFirst();
        if (buffer == null) {
            return new FrameBuffer(SMALLEST);
        }
        count.decrementAndGet();
        return buffer;
    }

    void give(FrameBuffer buffer) {
        if (count.get() < KEPT) {
            buffer.clear();
            count.incrementAndGet();
            kept.addFirst(buffer);
        }
    }
}
