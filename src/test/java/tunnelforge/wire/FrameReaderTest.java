package tunnelforge.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tunnelforge.http.CountedRoom;

class FrameReaderTest {
    private static final int ROOMY = 66_000;

    /** One frame of each type, and one of a type that is not known yet. */
    private static final byte[] ONE_OF_EACH = Bytes.hex("""
            00000000 00 000002 7b7d
            00000001 01 000005 4745540d0a
            00000001 02 000003 32 30 30
            00000001 03 000004 00ff80 7f
            00000001 04 000000
            00000002 05 000004 0003 6e6f
            7fffffff 06 000004 00010000
            00000000 07 000008 0102030405060708
            00000000 08 000008 ffffffffffffffff
            00000000 09 000000
            00000003 0a 000002 7b7d
            00000000 7f 000003 616263
            """);
    private static final List<String> ONE_OF_EACH_READ = List.of("0 MESSAGE 7b7d", "1 REQUEST 4745540d0a", "1 RESPONSE 323030",
            "1 DATA 00ff807f", "1 END ", "2 RESET 00036e6f", "2147483647 WINDOW 00010000", "0 PING 0102030405060708",
            "0 PONG ffffffffffffffff", "0 DRAIN ", "3 OPEN 7b7d", "0 type 127 616263");

    private static FrameReader reader(byte[] bytes, int bufferSize) {
        return new FrameReader(new ByteArrayInputStream(bytes), bufferSize, Limits.HELLO_MESSAGE);
    }

    private static String shown(FrameReader frames) {
        return frames.id() + " " + FrameType.name(frames.type()) + " " + HexFormat.of().formatHex(Bytes.payload(frames));
    }

    private static List<String> readAll(InputStream in, int bufferSize) throws IOException {
        FrameReader frames = new FrameReader(in, bufferSize, Limits.HELLO_MESSAGE);
        List<String> read = new ArrayList<>();
        while (frames.next()) {
            read.add(shown(frames));
        }
        return read;
    }

    private static byte[] header(long id, int type, int length) {
        return Bytes.hex("%08x%02x%06x".formatted(id, type, length));
    }

    private static byte[] frame(long id, int type, int length) {
        byte[] payload = new byte[length];
        Arrays.fill(payload, (byte) length);
        return Bytes.concat(header(id, type, length), payload);
    }

    @Test
    void readsEveryTypeAndLeavesUnknownOnesBelow128ToTheCaller() throws IOException {
        assertEquals(ONE_OF_EACH_READ, readAll(new ByteArrayInputStream(ONE_OF_EACH), ROOMY));
    }

    @Test
    void readsTheSameWhateverTheSplit() throws IOException {
        for (int bufferSize : new int[] {8, 9, 13, 16, 64, ROOMY}) {
            for (int at = 0; at <= ONE_OF_EACH.length; at++) {
                assertEquals(ONE_OF_EACH_READ, readAll(Bytes.splitAt(ONE_OF_EACH, at), bufferSize),
                        "split at " + at + ", buffer " + bufferSize);
            }
            for (int piece = 1; piece <= 20; piece++) {
                assertEquals(ONE_OF_EACH_READ, readAll(Bytes.inPieces(ONE_OF_EACH, piece), bufferSize),
                        "pieces of " + piece + ", buffer " + bufferSize);
            }
        }
    }

    @Test
    void endOfStreamIsCleanOnlyBetweenFrames() throws IOException {
        List<Integer> boundaries = new ArrayList<>(List.of(0));
        FrameReader whole = reader(ONE_OF_EACH, ROOMY);
        while (whole.next()) {
            boundaries.add(boundaries.get(boundaries.size() - 1) + Limits.FRAME_HEADER + whole.length());
        }
        for (int length = 0; length <= ONE_OF_EACH.length; length++) {
            byte[] cut = Arrays.copyOf(ONE_OF_EACH, length);
            if (boundaries.contains(length)) {
                assertEquals(ONE_OF_EACH_READ.subList(0, boundaries.indexOf(length)),
                        readAll(new ByteArrayInputStream(cut), ROOMY));
            } else {
                for (int bufferSize : new int[] {8, ROOMY}) {
                    assertThrows(EOFException.class, () -> readAll(new ByteArrayInputStream(cut), bufferSize), "cut at " + length);
                }
            }
        }
    }

    @Test
    void endOfStreamStaysTheEnd() throws IOException {
        FrameReader frames = reader(Bytes.hex("00000001 04 000000"), 64);
        assertTrue(frames.next());
        assertFalse(frames.next());
        assertFalse(frames.next());
    }

    @Test
    void readsEachTypeAtItsLimit() throws IOException {
        for (int type = 0; type < FrameType.FIRST_CRITICAL; type++) {
            int limit = FrameType.limit(type, Limits.HELLO_MESSAGE);
            FrameReader frames = reader(frame(1, type, limit), 64);
            assertTrue(frames.next());
            assertEquals(limit, frames.length(), FrameType.name(type));
            assertEquals(type, frames.type());
            assertFalse(frames.next());
        }
    }

    @Test
    void lengthAboveLimitIsRefusedBeforeAllocating() throws IOException {
        for (int type = 0; type < FrameType.FIRST_CRITICAL; type++) {
            int limit = FrameType.limit(type, Limits.HELLO_MESSAGE);
            for (int length : new int[] {limit + 1, 0xffffff}) {
                ByteArrayInputStream in = new ByteArrayInputStream(Bytes.concat(header(1, type, length), new byte[100]));
                FrameReader frames = new FrameReader(in, 8, Limits.HELLO_MESSAGE);
                WireException refused = assertThrows(WireException.class, frames::next);
                assertEquals(FrameType.name(type) + " of " + length + " bytes is over the limit of " + limit, refused.getMessage());
                assertEquals(8, frames.array().length, "the buffer did not grow");
                assertEquals(100, in.available(), "nothing of the payload was read");
            }
        }
    }

    @Test
    void messageLimitIsTheConnectionsAndMayChange() throws IOException {
        byte[] two = Bytes.concat(frame(0, 0, 5000), frame(0, 0, 5000));
        assertThrows(WireException.class, reader(two, 64)::next);
        FrameReader frames = new FrameReader(new ByteArrayInputStream(two), 64, 5000);
        assertTrue(frames.next());
        frames.messageLimit(4999);
        assertThrows(WireException.class, frames::next);
        FrameReader widened = reader(frame(7, 0, Limits.MAX_MESSAGE_JSON), 64);
        widened.messageLimit(Limits.MAX_MESSAGE_JSON);
        assertTrue(widened.next());
        assertEquals(Limits.MAX_MESSAGE_JSON, widened.length());
    }

    @Test
    void unknownTypesFrom128OnEndTheConnection() {
        for (int type = 128; type <= 255; type++) {
            FrameReader frames = reader(frame(1, type, 0), 64);
            String message = assertThrows(WireException.class, frames::next).getMessage();
            assertTrue(message.contains("type " + type), message);
        }
    }

    @Test
    void requestIdWithTheTopBitEndsTheConnection() {
        for (long id : new long[] {0x80000000L, 0xffffffffL}) {
            FrameReader frames = reader(frame(id, FrameType.DATA, 0), 64);
            String message = assertThrows(WireException.class, frames::next).getMessage();
            assertTrue(message.contains(Long.toString(id)) && message.contains("2147483647"), message);
        }
    }

    @Test
    void aBufferThatHoldsNoHeaderIsOurOwnBug() {
        assertThrows(IllegalArgumentException.class, () -> reader(ONE_OF_EACH, 7));
    }

    @Test
    void bufferGrowsToTheFrameThatNeedsItAndShrinksBackWithTheNext() throws IOException {
        byte[] bytes = Bytes.concat(frame(1, FrameType.DATA, 10), frame(1, FrameType.DATA, 300), frame(1, FrameType.DATA, 92),
                frame(1, FrameType.DATA, 93), frame(1, FrameType.END, 0));
        for (int piece : new int[] {1, 7, 8, 100, 1000}) {
            FrameReader frames = new FrameReader(Bytes.inPieces(bytes, piece), 100, Limits.HELLO_MESSAGE);
            assertTrue(frames.next());
            assertEquals(100, frames.array().length);
            assertTrue(frames.next());
            assertEquals(308, frames.array().length);
            assertArrayEquals(Arrays.copyOfRange(bytes, 26, 326), Bytes.payload(frames));
            assertTrue(frames.next());
            assertEquals(100, frames.array().length);
            assertEquals(92, frames.length());
            assertTrue(frames.next());
            assertEquals(101, frames.array().length);
            assertTrue(frames.next());
            assertEquals(100, frames.array().length);
            assertFalse(frames.next());
        }
    }

    @Test
    void aLengthThatIsOnlyAnnouncedAllocatesNothing() {
        byte[] begun = Bytes.concat(header(0, FrameType.MESSAGE, Limits.MAX_MESSAGE_JSON), new byte[100]);
        CountedRoom room = new CountedRoom(0);
        FrameReader frames = new FrameReader(new ByteArrayInputStream(begun), ROOMY, Limits.MAX_MESSAGE_JSON, room);
        assertThrows(EOFException.class, frames::next);
        assertEquals(16 * 1024, frames.array().length);
    }

    @Test
    void bufferGrowsByWhatHasArrivedAndGivesItAllBack() throws IOException {
        byte[] bytes = Bytes.concat(frame(0, FrameType.MESSAGE, Limits.MAX_MESSAGE_JSON), frame(0, FrameType.MESSAGE, 2));
        CountedRoom room = new CountedRoom(Integer.MAX_VALUE);
        int[] arrived = new int[1];
        InputStream in = new ByteArrayInputStream(bytes) {
            @Override
            public int read(byte[] b, int off, int len) {
                assertTrue(b.length <= Math.max(16 * 1024, 2 * arrived[0] + 2048), b.length + " bytes for " + arrived[0]);
                assertTrue(room.used() == b.length || room.used() == 0 && b.length == 16 * 1024, "taken " + room.used() + " for " + b.length);
                int count = super.read(b, off, Math.min(len, 5000));
                arrived[0] += count;
                return count;
            }
        };
        FrameReader frames = new FrameReader(in, ROOMY, Limits.MAX_MESSAGE_JSON, room);
        assertTrue(frames.next());
        assertEquals(Limits.MAX_MESSAGE_JSON, frames.length());
        assertTrue(room.most() < 2 * Limits.MAX_MESSAGE_JSON, "taken at most: " + room.most());
        assertTrue(frames.next());
        assertEquals(0, room.used());
        assertEquals(16 * 1024, frames.array().length);
    }

    @Test
    void refusedGrowthEndsTheConnectionAndSaysForWhat() {
        byte[] bytes = frame(0, FrameType.MESSAGE, 1_000_000);
        CountedRoom room = new CountedRoom(100_000);
        FrameReader frames = new FrameReader(new ByteArrayInputStream(bytes), ROOMY, Limits.MAX_MESSAGE_JSON, room);
        WireException refused = assertThrows(WireException.class, frames::next);
        assertEquals("MESSAGE of 1000000 bytes, for which no memory is left: the limit is reached with a buffer of 131072 bytes",
                refused.getMessage());
        frames.release();
        assertEquals(0, room.used());
    }

    @Test
    void whatLargeFramesNeededIsGivenBackWhenOnlySmallOnesCome() throws IOException {
        byte[] large = frame(1, FrameType.DATA, Limits.MAX_DATA);
        byte[] small = frame(0, FrameType.PING, 8);
        int count = 70;
        byte[][] all = new byte[1 + count][];
        Arrays.fill(all, small);
        all[0] = large;
        CountedRoom room = new CountedRoom(Integer.MAX_VALUE);
        FrameReader frames = new FrameReader(Bytes.inPieces(Bytes.concat(all), 16), Limits.MAX_DATA + 8, Limits.HELLO_MESSAGE, room);
        for (int i = 0; i < 10; i++) {
            assertTrue(frames.next());
            assertEquals(Limits.MAX_DATA + 8, frames.array().length, "kept for the next large one");
        }
        for (int i = 10; i <= count; i++) {
            assertTrue(frames.next());
        }
        assertEquals(16 * 1024, frames.array().length);
        assertEquals(0, room.used());
    }

    @Test
    void nextIsBufferedSaysWhetherAWholeFrameIsThere() throws IOException {
        byte[] frame = frame(1, FrameType.DATA, 10);
        byte[] three = Bytes.concat(frame, frame, frame);
        for (int at = 18; at <= 36; at++) {
            FrameReader frames = new FrameReader(Bytes.splitAt(three, at), 64, Limits.HELLO_MESSAGE);
            assertFalse(frames.nextIsBuffered());
            assertTrue(frames.next());
            assertEquals(at == 36, frames.nextIsBuffered(), "split at " + at);
            assertTrue(frames.next());
            assertEquals(at < 36, frames.nextIsBuffered(), "split at " + at);
            assertTrue(frames.next());
            assertFalse(frames.nextIsBuffered());
            assertFalse(frames.next());
        }
    }

    @Test
    void oneReadTakesAsManyFramesAsAreThere() throws IOException {
        byte[] frame = frame(1, FrameType.DATA, 100);
        byte[] hundred = new byte[100 * frame.length];
        for (int i = 0; i < 100; i++) {
            System.arraycopy(frame, 0, hundred, i * frame.length, frame.length);
        }
        int[] reads = new int[1];
        InputStream counting = new ByteArrayInputStream(hundred) {
            @Override
            public int read(byte[] b, int off, int len) {
                reads[0]++;
                return super.read(b, off, len);
            }
        };
        FrameReader frames = new FrameReader(counting, ROOMY, Limits.HELLO_MESSAGE);
        for (int i = 0; i < 100; i++) {
            assertTrue(frames.next());
        }
        assertEquals(1, reads[0]);
        assertFalse(frames.next());
        assertEquals(2, reads[0]);
    }

    @Test
    void readingAllocatesNothingPerFrame() throws IOException {
        int count = 100_000;
        byte[] some = Bytes.concat(frame(1, FrameType.DATA, 700), frame(2, FrameType.WINDOW, 4), frame(3, FrameType.END, 0));
        InputStream endless = new InputStream() {
            private int at;

            @Override
            public int read() {
                throw new AssertionError("one byte at a time");
            }

            @Override
            public int read(byte[] b, int off, int len) {
                int most = Math.min(len, some.length - at);
                System.arraycopy(some, at, b, off, most);
                at = (at + most) % some.length;
                return most;
            }
        };
        FrameReader frames = new FrameReader(endless, 4096, Limits.HELLO_MESSAGE);
        com.sun.management.ThreadMXBean threads =
                (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
        frames.next();
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < count; i++) {
            frames.next();
        }
        long each = (threads.getCurrentThreadAllocatedBytes() - before) / count;
        assertEquals(0, each, "bytes allocated per frame");
    }

    @Test
    void randomFramesInRandomPiecesComeOutAsTheyWentIn() throws IOException {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            FrameBuffer sent = new FrameBuffer(16);
            List<String> expected = new ArrayList<>();
            for (int i = random.nextInt(1, 12); i > 0; i--) {
                byte[] payload = new byte[random.nextInt(random.nextBoolean() ? 20 : 600)];
                random.nextBytes(payload);
                int id = random.nextInt(1, Integer.MAX_VALUE);
                sent.frame(id, FrameType.DATA, payload, 0, payload.length);
                expected.add(id + " DATA " + HexFormat.of().formatHex(payload));
            }
            InputStream in = Bytes.inPieces(Bytes.written(sent), random.nextInt(1, 700));
            assertEquals(expected, readAll(in, random.nextInt(8, 900)), "seed " + seed + ", round " + round);
        }
    }

    @Test
    void mutatedBytesGiveFramesOrAnExceptionOfOurs() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = ONE_OF_EACH.clone();
            for (int i = random.nextInt(1, 4); i > 0; i--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
            int bufferSize = random.nextInt(8, 80);
            FrameReader frames = new FrameReader(Bytes.inPieces(bytes, random.nextInt(1, 50)), bufferSize, Limits.HELLO_MESSAGE);
            try {
                while (frames.next()) {
                    int limit = FrameType.limit(frames.type(), Limits.HELLO_MESSAGE);
                    assertTrue(frames.type() < 128 && frames.id() >= 0 && frames.length() >= 0 && frames.length() <= limit
                            && frames.offset() + frames.length() <= frames.array().length, "seed " + seed + ", round " + round);
                    assertTrue(frames.array().length <= Math.max(bufferSize, limit + Limits.FRAME_HEADER), "seed " + seed);
                }
            } catch (WireException | EOFException expected) {
                // What a broken peer or a broken network leads to.
            } catch (IOException | RuntimeException e) {
                fail("seed " + seed + ", round " + round, e);
            }
        }
    }
}
