package tunnelforge.mux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tunnelforge.net.Ledger;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.Limits;

/** What waits for the writer, and what it costs. */
class FrameQueueTest {
    private static final int MEMORY = 1024 * 1024;

    private final Ledger memory = new Ledger(MEMORY);
    private final FrameQueue queue = new FrameQueue(memory);

    @AfterEach
    void everythingIsGivenBack() {
        queue.close();
        assertEquals(0, memory.used());
    }

    private static FrameBuffer frames(int bytes) {
        FrameBuffer frames = new FrameBuffer(bytes);
        frames.data(1, new byte[bytes - Limits.FRAME_HEADER], 0, bytes - Limits.FRAME_HEADER);
        return frames;
    }

    @Test
    void smallFramesCostNothing() {
        assertTrue(queue.add(frames(FrameQueue.FREE)));
        queue.addUrgent(frames(100));
        assertEquals(0, memory.used());
    }

    @Test
    void largerArraysAreChargedAsTheyGrow() {
        assertTrue(queue.add(frames(40_000)));
        assertEquals(40_000 - FrameQueue.FREE, memory.used());
        assertTrue(queue.add(frames(40_000)));
        assertEquals(80_000 - FrameQueue.FREE, memory.used());
        assertEquals(80_000, queue.take().length());
        assertTrue(queue.add(frames(20_000)));
        assertEquals(80_000 + 20_000 - 2 * FrameQueue.FREE, memory.used());
    }

    @Test
    void whatTheMemoryDoesNotCoverIsNotAdded() {
        assertTrue(memory.tryReserve(MEMORY - 1_000));
        assertTrue(queue.add(frames(5_000)));
        assertFalse(queue.hasRoomFor(frames(5_000)));
        assertFalse(queue.add(frames(5_000)));
        assertEquals(5_000, queue.take().length());
        assertTrue(queue.isEmpty());
        memory.release(MEMORY - 1_000);
    }

    @Test
    void whatIsUrgentIsTakenFirstAndAloneWhenThereIsNoMemoryForTheRestBehindIt() {
        assertTrue(queue.add(frames(30_000)));
        queue.addUrgent(frames(100));
        long free = MEMORY - memory.used();
        assertTrue(memory.tryReserve(free));
        assertEquals(100, queue.take().length());
        assertEquals(30_000, queue.take().length());
        assertTrue(queue.isEmpty());
        memory.release(free);
        assertTrue(queue.add(frames(30_000)));
        queue.addUrgent(frames(100));
        assertEquals(30_100, queue.take().length());
    }

    @Test
    void whatItGrewToIsGivenBackWhenNothingHasWaitedForAWhile() {
        assertTrue(queue.add(frames(100_000)));
        queue.rest();
        assertTrue(memory.used() > 0, "frames wait");
        queue.take();
        assertTrue(queue.add(frames(100_000)));
        queue.take();
        queue.rest();
        assertTrue(memory.used() > 0, "it was used a moment ago");
        queue.rest();
        assertEquals(0, memory.used());
        assertTrue(queue.add(frames(10)));
    }

    @Test
    void whatIsUrgentIsAddedWithoutMemoryAndCostsNothingThen() {
        assertTrue(memory.tryReserve(MEMORY));
        for (int i = 0; i < 6; i++) {
            queue.addUrgent(frames(10_000));
        }
        assertEquals(60_000, queue.take().length());
        assertEquals(MEMORY, memory.used());
        memory.release(MEMORY);
        assertTrue(queue.add(frames(40_000)));
        queue.take();
        queue.rest();
        queue.rest();
        assertEquals(0, memory.used());
    }
}
