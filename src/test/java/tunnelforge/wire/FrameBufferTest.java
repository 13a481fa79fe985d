package tunnelforge.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class FrameBufferTest {
    private static void assertBytes(String hex, Consumer<FrameBuffer> writing) {
        FrameBuffer frames = new FrameBuffer(0);
        writing.accept(frames);
        assertArrayEquals(Bytes.hex(hex), Bytes.written(frames), hex);
    }

    @Test
    void writesEveryKindOfFrame() {
        byte[] abc = {'x', 'a', 'b', 'c'};
        assertBytes("00000000 00 000002 7b7d", f -> f.message(0, "{}"));
        assertBytes("00000009 00 000002 c3a9", f -> f.message(9, "é"));
        assertBytes("00000001 01 000003 616263", f -> f.frame(1, FrameType.REQUEST, abc, 1, 3));
        assertBytes("7fffffff 03 000002 6263", f -> f.data(0x7fffffff, abc, 2, 2));
        assertBytes("01020304 04 000000", f -> f.end(0x01020304));
        assertBytes("00000002 05 000004 0005 6e6f", f -> f.reset(2, ResetCode.NOT_RUN, "no"));
        assertBytes("00000002 05 000002 0000", f -> f.reset(2, ResetCode.CANCELLED, ""));
        assertBytes("00000002 06 000004 7fffffff", f -> f.window(2, Integer.MAX_VALUE));
        assertBytes("00000000 07 000008 0102030405060708", f -> f.ping(0x0102030405060708L));
        assertBytes("00000000 08 000008 ffffffffffffffff", f -> f.pong(-1));
        assertBytes("00000000 09 000000", FrameBuffer::drain);
    }

    @Test
    void framesStandOneBehindTheOtherUntilCleared() {
        FrameBuffer frames = new FrameBuffer(8);
        frames.end(1);
        frames.window(2, 3);
        frames.drain();
        assertArrayEquals(Bytes.hex("00000001 04 000000  00000002 06 000004 00000003  00000000 09 000000"), Bytes.written(frames));
        frames.clear();
        assertEquals(0, frames.length());
        frames.end(4);
        assertArrayEquals(Bytes.hex("00000004 04 000000"), Bytes.written(frames));
    }

    @Test
    void aPayloadMayBeWrittenInPlace() {
        FrameBuffer frames = new FrameBuffer(8);
        frames.end(1);
        int header = frames.begin(5, FrameType.RESPONSE);
        assertEquals(8, header);
        frames.ensure(300);
        Arrays.fill(frames.array(), frames.length(), frames.length() + 258, (byte) 7);
        frames.advance(258);
        frames.finish(header);
        byte[] expected = new byte[258];
        Arrays.fill(expected, (byte) 7);
        assertArrayEquals(Bytes.concat(Bytes.hex("00000001 04 000000 00000005 02 000102"), expected), Bytes.written(frames));
    }

    @Test
    void anIdMayBeChangedAfterwards() {
        FrameBuffer frames = new FrameBuffer(64);
        frames.end(1);
        int header = frames.begin(0, FrameType.END);
        FrameBuffer.patchId(frames.array(), header, 0x7a6b5c4d);
        assertArrayEquals(Bytes.hex("00000001 04 000000 7a6b5c4d 04 000000"), Bytes.written(frames));
    }

    @Test
    void dataAboveTheLimitIsSeveralFramesAndNoneForNoBytes() throws IOException {
        byte[] bytes = new byte[2 * Limits.MAX_DATA + 1];
        Arrays.fill(bytes, Limits.MAX_DATA, bytes.length, (byte) 1);
        FrameBuffer frames = new FrameBuffer(64);
        frames.data(1, bytes, 5, 0);
        assertEquals(0, frames.length());
        frames.data(1, bytes, 0, bytes.length);
        FrameReader read = new FrameReader(new ByteArrayInputStream(Bytes.written(frames)), 64, 0);
        for (int length : new int[] {Limits.MAX_DATA, Limits.MAX_DATA, 1}) {
            assertTrue(read.next());
            assertEquals(length, read.length());
        }
        assertFalse(read.next());
    }

    @Test
    void atTheLimitIsWrittenAndOnePastItRefusedAndTakenBack() {
        for (int type = 0; type <= FrameType.OPEN; type++) {
            int frameType = type;
            int limit = FrameType.limit(type, Limits.MAX_MESSAGE_JSON);
            byte[] payload = new byte[limit + 1];
            FrameBuffer frames = new FrameBuffer(64);
            frames.frame(1, type, payload, 0, limit);
            assertEquals(Limits.FRAME_HEADER + limit, frames.length());
            assertThrows(IllegalArgumentException.class, () -> frames.frame(1, frameType, payload, 0, limit + 1));
            int header = frames.begin(1, type);
            frames.ensure(limit + 1);
            frames.advance(limit + 1);
            assertThrows(IllegalArgumentException.class, () -> frames.finish(header));
            assertEquals(Limits.FRAME_HEADER + limit, frames.length(), "what was there before still stands");
        }
    }

    @Test
    void ourOwnMistakesAreLoud() {
        FrameBuffer frames = new FrameBuffer(8);
        assertThrows(IllegalArgumentException.class, () -> frames.begin(-1, FrameType.END));
        assertThrows(IllegalArgumentException.class, () -> frames.begin(1, 256));
        assertThrows(IllegalArgumentException.class, () -> frames.window(1, 0));
        assertThrows(IllegalArgumentException.class, () -> frames.window(1, -1));
        assertThrows(IndexOutOfBoundsException.class, () -> frames.advance(9));
        assertThrows(IndexOutOfBoundsException.class, () -> frames.frame(1, FrameType.DATA, new byte[3], 1, 3));
        assertEquals(0, frames.length());
    }

    @Test
    void aLongReasonIsCutBetweenCharacters() throws IOException {
        int most = Limits.MAX_RESET - 2;
        for (String character : new String[] {"x", "é", "€", "😀"}) {
            int size = character.getBytes(StandardCharsets.UTF_8).length;
            for (int before = 0; before < 4; before++) {
                String reason = "a".repeat(before) + character.repeat(3000);
                FrameBuffer frames = new FrameBuffer(8);
                frames.reset(1, ResetCode.UPSTREAM_REFUSED, reason);
                int length = frames.length() - Limits.FRAME_HEADER;
                String read = FrameBuffer.resetReason(frames.array(), Limits.FRAME_HEADER, length);
                assertEquals("a".repeat(before) + character.repeat((most - before) / size), read);
            }
        }
        assertEquals("x".repeat(most), reasonOf("x".repeat(most)));
    }

    private static String reasonOf(String reason) throws IOException {
        FrameBuffer frames = new FrameBuffer(8);
        frames.reset(1, ResetCode.BROKEN_OFF, reason);
        return FrameBuffer.resetReason(frames.array(), Limits.FRAME_HEADER, frames.length() - Limits.FRAME_HEADER);
    }

    @Test
    void clearGivesBackALargeArrayAndKeepsAUsualOne() {
        FrameBuffer frames = new FrameBuffer(1024);
        frames.ensure(FrameBuffer.KEPT_CAPACITY);
        byte[] kept = frames.array();
        frames.clear();
        assertEquals(kept, frames.array());
        frames.ensure(FrameBuffer.KEPT_CAPACITY + 1);
        frames.clear();
        assertEquals(1024, frames.array().length);
        FrameBuffer large = new FrameBuffer(2 * FrameBuffer.KEPT_CAPACITY);
        byte[] initial = large.array();
        large.clear();
        assertEquals(initial, large.array());
    }

    @Test
    void payloadsAreTakenApart() throws IOException {
        byte[] reset = Bytes.hex("ff 0107 c3a9");
        assertEquals(0x107, FrameBuffer.resetCode(reset, 1, 4));
        assertEquals("é", FrameBuffer.resetReason(reset, 1, 4));
        assertEquals("", FrameBuffer.resetReason(reset, 1, 2));
        assertEquals("\ufffd", FrameBuffer.resetReason(reset, 1, 3), "half a character");
        assertEquals(1, FrameBuffer.window(Bytes.hex("00000001"), 0, 4));
        assertEquals(0x7fffffff, FrameBuffer.window(Bytes.hex("00 7fffffff"), 1, 4));
        assertEquals(0x81020304f5060708L, FrameBuffer.pingValue(Bytes.hex("00 81020304f5060708"), 1, 8));
        assertEquals("{\"é\"}", FrameBuffer.text(Bytes.hex("00 7b22c3a9227d"), 1, 6));
    }

    @Test
    void payloadsThatAreTooShortOrOddEndTheConnection() {
        byte[] zeros = new byte[16];
        for (int length = 0; length < 2; length++) {
            int len = length;
            assertThrows(WireException.class, () -> FrameBuffer.resetCode(zeros, 0, len));
            assertThrows(WireException.class, () -> FrameBuffer.resetReason(zeros, 0, len));
        }
        for (int length = 0; length < 4; length++) {
            int len = length;
            assertThrows(WireException.class, () -> FrameBuffer.window(Bytes.hex("0101010101"), 0, len));
        }
        assertThrows(WireException.class, () -> FrameBuffer.window(zeros, 0, 4));
        assertThrows(WireException.class, () -> FrameBuffer.window(Bytes.hex("80000000"), 0, 4));
        for (int length = 0; length < 8; length++) {
            int len = length;
            assertThrows(WireException.class, () -> FrameBuffer.pingValue(zeros, 0, len));
        }
        for (String notUtf8 : new String[] {"ff", "c3", "c080", "eda080", "f8888080"}) {
            byte[] bytes = Bytes.hex(notUtf8);
            assertThrows(WireException.class, () -> FrameBuffer.text(bytes, 0, bytes.length), notUtf8);
        }
    }
}
