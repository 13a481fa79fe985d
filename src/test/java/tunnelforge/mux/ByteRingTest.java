package tunnelforge.mux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ByteRingTest {
    private static final int SMALLEST = 1024;

    private static byte[] pattern(int from, int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) ((from + i) * 31 + ((from + i) >> 8));
        }
        return bytes;
    }

    /** Takes all there is, piece by piece. */
    private static byte[] takeAll(ByteRing ring) {
        byte[] taken = new byte[ring.size()];
        for (int at = 0; at < taken.length;) {
            int count = ring.contiguous();
            System.arraycopy(ring.array(), ring.offset(), taken, at, count);
            ring.skip(count);
            at += count;
        }
        return taken;
    }

    private static byte[] slice(byte[] array, int offset, int count) {
        return Arrays.copyOfRange(array, offset, offset + count);
    }

    @Test
    void emptyHasNothingToRead() {
        ByteRing ring = new ByteRing();
        assertEquals(0, ring.size());
        assertEquals(0, ring.contiguous());
        ring.write(new byte[0], 0, 0);
        assertEquals(0, ring.size());
        assertEquals(0, ring.contiguous());
    }

    @Test
    void comesOutAsItWentInFromEveryStart() {
        for (int start = 1; start < SMALLEST; start++) {
            ByteRing ring = new ByteRing();
            ring.write(pattern(0, start + 1), 0, start + 1);
            ring.skip(start);
            byte[] filling = pattern(start + 1, SMALLEST - 1);
            ring.write(filling, 0, filling.length);
            assertEquals(SMALLEST, ring.size());
            assertEquals(SMALLEST - start, ring.contiguous(), "start " + start);
            assertArrayEquals(pattern(start, SMALLEST), takeAll(ring), "start " + start);
        }
    }

    @Test
    void growthUnwrapsFromEveryStart() {
        for (int start = 1; start < SMALLEST; start++) {
            ByteRing ring = new ByteRing();
            ring.write(pattern(0, start + 1), 0, start + 1);
            ring.skip(start);
            ring.write(pattern(start + 1, SMALLEST - 1), 0, SMALLEST - 1);
            ring.write(pattern(start + SMALLEST, 1), 0, 1);
            assertEquals(2 * SMALLEST, ring.array().length);
            assertArrayEquals(pattern(start, SMALLEST + 1), takeAll(ring), "start " + start);
        }
    }

    @Test
    void capacityIsTheNextPowerOfTwo() {
        int[][] sizeAndCapacity = {{1, SMALLEST}, {SMALLEST, SMALLEST}, {SMALLEST + 1, 2 * SMALLEST}, {65_535, 65_536},
            {65_536, 65_536}, {65_537, 131_072}};
        for (int[] each : sizeAndCapacity) {
            ByteRing ring = new ByteRing();
            ring.write(new byte[each[0]], 0, each[0]);
            assertEquals(each[1], ring.array().length, each[0] + " bytes");
        }
    }

    @Test
    void writingNeverTouchesWhatTheConsumerHolds() {
        ByteRing ring = new ByteRing();
        ring.write(pattern(0, 900), 0, 900);
        ring.skip(500);
        byte[] held = ring.array();
        int offset = ring.offset();
        int count = ring.contiguous();
        ring.write(pattern(900, SMALLEST - 400), 0, SMALLEST - 400);
        assertSame(held, ring.array());
        assertArrayEquals(pattern(500, count), slice(held, offset, count));
    }

    @Test
    void growthKeepsWhatTheConsumerHolds() {
        ByteRing ring = new ByteRing();
        ring.write(pattern(0, 1000), 0, 1000);
        ring.skip(700);
        ring.write(pattern(1000, 500), 0, 500);
        byte[] held = ring.array();
        int offset = ring.offset();
        int count = ring.contiguous();
        assertEquals(SMALLEST - 700, count);
        ring.write(pattern(1500, 5_000), 0, 5_000);
        assertNotSame(held, ring.array());
        ring.write(pattern(6_500, 3_000), 0, 3_000);
        assertArrayEquals(pattern(700, count), slice(held, offset, count));
        ring.skip(count);
        assertArrayEquals(pattern(700 + count, 9_500 - 700 - count), takeAll(ring));
    }

    @Test
    void memoryThatIsNotNeededAnyMoreIsGivenBack() {
        ByteRing ring = new ByteRing();
        ring.write(pattern(0, 100_000), 0, 100_000);
        ring.skip(95_000);
        byte[] large = ring.array();
        ring.write(pattern(100_000, 60_000), 0, 60_000);
        ring.fit(65_536);
        assertSame(large, ring.array(), "up to twice the limit is kept");
        ring.skip(ring.contiguous());
        int left = ring.size();
        byte[] held = ring.array();
        ring.fit(32_768);
        assertEquals(32_768, ring.array().length);
        assertNotSame(held, ring.array());
        assertArrayEquals(pattern(160_000 - left, left), takeAll(ring));
        new ByteRing().fit(0);
    }

    @Test
    void clearForgetsTheBytesAndMayBeUsedAgain() {
        ByteRing ring = new ByteRing();
        ring.write(pattern(0, 10), 0, 10);
        ring.skip(3);
        ring.clear();
        assertEquals(0, ring.size());
        assertEquals(0, ring.contiguous());
        ring.write(pattern(5, 20), 0, 20);
        assertArrayEquals(pattern(5, 20), takeAll(ring));
    }

    @Test
    void behavesLikeAQueue() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        ByteRing ring = new ByteRing();
        ArrayDeque<Byte> model = new ArrayDeque<>();
        for (int step = 0; step < 20_000; step++) {
            if (random.nextInt(100) < 52) {
                byte[] source = new byte[random.nextInt(random.nextInt(10) == 0 ? 3_000 : 200)];
                random.nextBytes(source);
                int off = source.length == 0 ? 0 : random.nextInt(source.length);
                ring.write(source, off, source.length - off);
                for (int i = off; i < source.length; i++) {
                    model.add(source[i]);
                }
            } else if (ring.size() > 0) {
                int count = 1 + random.nextInt(ring.contiguous());
                for (int i = 0; i < count; i++) {
                    assertEquals(model.remove(), ring.array()[ring.offset() + i], "seed " + seed + " step " + step);
                }
                ring.skip(count);
            }
            assertEquals(model.size(), ring.size(), "seed " + seed + " step " + step);
            if (random.nextInt(5_000) == 0) {
                ring.clear();
                model.clear();
            }
        }
    }
}
