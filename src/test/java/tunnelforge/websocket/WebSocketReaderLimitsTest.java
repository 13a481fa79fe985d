package tunnelforge.websocket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.http.CountedRoom;
import tunnelforge.http.Room;

final class WebSocketReaderLimitsTest {
    private static final String KEY = "37fa213d";

    /** A stream that must not be read any more. */
    private static InputStream nothingMore() {
        return new InputStream() {
            @Override
            public int read() {
                throw new AssertionError("read on");
            }
        };
    }

    private static WebSocketReader reader(String hex, int maxMessageBytes) {
        return new WebSocketReader(new SequenceInputStream(new ByteArrayInputStream(Wire.bytes(hex)), nothingMore()), maxMessageBytes);
    }

    @Test
    void specificationExampleIsRead() throws IOException {
        WebSocketReader reader = reader("81 85 37 fa 21 3d 7f 9f 4d 51 58", 5); // RFC 6455, section 5.7
        assertEquals("text Hello", Wire.describe(reader.read()));
    }

    @Test
    void messageAboveTheLimitIsRefusedByItsHeadAlone() {
        WebSocketReader reader = reader("82 ff 7fffffffffffffff " + KEY, Integer.MAX_VALUE);
        WebSocketException e = assertThrows(WebSocketException.class, reader::read);
        assertEquals(CloseCode.TOO_LARGE, e.closeCode());
        assertEquals("a message over 2147483647 bytes: 0 and a frame of 9223372036854775807", e.getMessage());
    }

    @Test
    void memoryIsNotTakenForALengthThatIsOnlyClaimed() {
        InputStream in = new ByteArrayInputStream(Wire.bytes("82 ff 000000007fffffff " + KEY + "00"));
        assertThrows(EOFException.class, new WebSocketReader(in, Integer.MAX_VALUE)::read);
    }

    @Test
    void wrongTextIsRefusedBeforeTheFrameHasArrived() {
        // 0xff under the key's first byte; 19 bytes of the frame never come.
        WebSocketException e = assertThrows(WebSocketException.class, reader("81 94 " + KEY + "c8", 100)::read);
        assertEquals(CloseCode.INVALID_DATA, e.closeCode());
    }

    @Test
    void limitOfZeroTakesEmptyMessagesAndControlFrames() throws IOException {
        WebSocketReader reader = reader("81 80 " + KEY + " 89 81 " + KEY + "37 82 81 " + KEY, 0);
        assertEquals("text ", Wire.describe(reader.read()));
        assertEquals("ping 00", Wire.describe(reader.read()));
        assertEquals(CloseCode.TOO_LARGE, assertThrows(WebSocketException.class, reader::read).closeCode());
    }

    @Test
    void nothingIsReadAfterCloseOrAViolation() throws IOException {
        WebSocketReader closed = reader("88 80 " + KEY + "81 80 " + KEY, 100);
        assertEquals("close 1005 ", Wire.describe(closed.read()));
        assertThrows(EOFException.class, closed::read);
        WebSocketReader broken = reader("83 80 " + KEY + "81 80 " + KEY, 100);
        assertThrows(WebSocketException.class, broken::read);
        assertThrows(EOFException.class, broken::read);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 124, 125, 126, 127, 128, 2033, 2034, 2035, 2047, 2048, 2049, 16383, 16384, 16385, 65535, 65536, 65537, 300_000})
    void everyFormOfLengthIsRead(int length) throws IOException {
        byte[] payload = new byte[length];
        new Random(length).nextBytes(payload);
        for (Role sender : Role.values()) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            WebSocketWriter writer = new WebSocketWriter(out, sender);
            writer.binary(payload, 0, length);
            writer.ping(new byte[] {1});
            writer.binary(payload, 0, length);
            Role receiver = sender == Role.CLIENT ? Role.SERVER : Role.CLIENT;
            for (InputStream in : List.of(new ByteArrayInputStream(out.toByteArray()), Wire.byteByByte(out.toByteArray(), false))) {
                WebSocketReader reader = new WebSocketReader(in, length, receiver);
                assertArrayEquals(payload, ((WebSocketMessage.Binary) reader.read()).bytes());
                assertEquals("ping 01", Wire.describe(reader.read()));
                assertArrayEquals(payload, ((WebSocketMessage.Binary) reader.read()).bytes());
                assertThrows(EOFException.class, reader::read);
            }
        }
    }

    /** Each array is twice the one before, so that few are made and little is copied. */
    private static Room counting(AtomicInteger arrays) {
        return Room.of(bytes -> arrays.incrementAndGet() > 0, bytes -> { });
    }

    @Test
    void messageThatArrivesInSingleBytesCostsFewCopies() throws IOException {
        byte[] stream = new byte[10 + (1 << 20)];
        System.arraycopy(Wire.bytes("82 7f 0000000000100000"), 0, stream, 0, 10);
        AtomicInteger arrays = new AtomicInteger();
        WebSocketReader reader = new WebSocketReader(Wire.byteByByte(stream, false), 1 << 20, Role.CLIENT, counting(arrays));
        assertEquals(1 << 20, ((WebSocketMessage.Binary) reader.read()).bytes().length);
        assertTrue(arrays.get() <= 21, arrays + " arrays");
    }

    @Test
    void manySmallFragmentsCostFewCopies() throws IOException {
        int fragments = 1 << 20;
        byte[] stream = new byte[2 + 3 * fragments + 2];
        stream[0] = 0x02;
        for (int at = 2; at < stream.length - 2; at += 3) {
            stream[at + 1] = 1;
            stream[at + 2] = 0x2A;
        }
        stream[stream.length - 2] = (byte) 0x80;
        byte[] expected = new byte[fragments];
        Arrays.fill(expected, (byte) 0x2A);
        AtomicInteger arrays = new AtomicInteger();
        WebSocketReader reader = new WebSocketReader(new ByteArrayInputStream(stream), fragments, Role.CLIENT, counting(arrays));
        assertArrayEquals(expected, ((WebSocketMessage.Binary) reader.read()).bytes());
        assertTrue(arrays.get() <= 21, arrays + " arrays");
    }

    @Test
    void mutationsAreReadTheSameWholeAndByteByByteAndOnlyRefusedWithACode() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[] valid = Wire.masked("81 05 48656c6c6f | 01 02 61e2 | 89 02 7071 | 80 02 82ac | 82 7e 0080 " + "2a".repeat(128)
                + "| 8a 00 | 02 01 01 | 80 01 02 | 88 05 03e8 627965");
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = Arrays.copyOf(valid, valid.length - random.nextInt(2) * random.nextInt(valid.length));
            for (int edits = random.nextInt(4); edits >= 0; edits--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            String where = "seed " + seed + ", round " + round;
            try {
                List<String> whole = Wire.readAll(new ByteArrayInputStream(bytes), 200, Role.SERVER);
                assertEquals(whole, Wire.readAll(Wire.byteByByte(bytes, round % 2 == 0), 200, Role.SERVER), where);
                assertTrue(List.of("eof", "error 1002", "error 1007", "error 1009").contains(whole.getLast()), where + whole);
            } catch (RuntimeException e) {
                throw new AssertionError(where, e);
            }
        }
    }

    @Test
    void aMessageIsChargedByWhatHasArrivedAndGivenBackWhole() throws IOException {
        byte[] text = "x".repeat(50_000).getBytes(StandardCharsets.US_ASCII);
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        new WebSocketWriter(sent, Role.CLIENT).text(new String(text, StandardCharsets.US_ASCII));
        byte[] bytes = sent.toByteArray();
        CountedRoom room = new CountedRoom(200_000);
        WebSocketReader reader = new WebSocketReader(new ByteArrayInputStream(bytes), 65_536, Role.SERVER, room);
        assertEquals(50_000, ((WebSocketMessage.Text) reader.read()).text().length());
        assertEquals(0, room.used());
        CountedRoom little = new CountedRoom(20_000);
        WebSocketReader refused = new WebSocketReader(new ByteArrayInputStream(bytes), 65_536, Role.SERVER, little);
        assertEquals(CloseCode.TRY_AGAIN_LATER, assertThrows(WebSocketException.class, refused::read).closeCode());
        refused.release();
        assertEquals(0, little.used());
        CountedRoom none = new CountedRoom(1024);
        byte[] begun = Arrays.copyOf(bytes, 100);
        assertThrows(EOFException.class, new WebSocketReader(new ByteArrayInputStream(begun), 65_536, Role.SERVER, none)::read);
        assertEquals(1024, none.most(), "50,000 bytes were announced");
    }
}
