package tunnelforge.websocket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

final class WebSocketWriterTest {
    /** Every call of {@code write}, and the flushes, in order. */
    private static final class Calls extends OutputStream {
        private final List<String> made = new ArrayList<>();

        @Override
        public void write(int b) {
            throw new AssertionError("a byte alone");
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            made.add(HexFormat.of().formatHex(bytes, offset, offset + length));
        }

        @Override
        public void flush() {
            made.add("flush");
        }
    }

    private final Calls calls = new Calls();
    private final WebSocketWriter server = new WebSocketWriter(calls);

    private void wrote(String... frames) {
        List<String> expected = new ArrayList<>();
        for (String frame : frames) {
            expected.add(frame.replace(" ", ""));
            expected.add("flush");
        }
        assertEquals(expected, calls.made);
    }

    @Test
    void everyMessageIsOneWrite() throws IOException {
        server.text("Hello"); // RFC 6455, section 5.7
        server.text("");
        server.text("\u00e9\ud83d\ude00");
        server.binary(new byte[] {9, 1, 2, 9}, 1, 2);
        server.ping(new byte[] {3});
        server.pong(new byte[0]);
        server.close(1000, "bye");
        wrote("81 05 48656c6c6f", "81 00", "81 06 c3a9f09f9880", "82 02 0102", "89 01 03", "8a 00", "88 05 03e8 627965");
    }

    @Test
    void clientMasks() throws IOException {
        WebSocketWriter client = new WebSocketWriter(calls, Role.CLIENT, () -> 0x37fa213d);
        client.text("Hello"); // RFC 6455, section 5.7
        client.pong(new byte[0]);
        byte[] unchanged = {0, 0, 0, 0, 0};
        client.binary(unchanged, 0, 5);
        client.close(1001, "");
        wrote("81 85 37fa213d 7f9f4d5158", "8a 80 37fa213d", "82 85 37fa213d 37fa213d37", "88 82 37fa213d 3413");
        assertArrayEquals(new byte[5], unchanged);
    }

    @Test
    void clientTakesANewKeyForEveryFrame() throws IOException {
        WebSocketWriter client = new WebSocketWriter(calls, Role.CLIENT);
        for (int i = 0; i < 3; i++) {
            client.ping(new byte[0]);
        }
        assertEquals(4, calls.made.stream().distinct().count());
    }

    @Test
    void lengthTakesItsShortestForm() throws IOException {
        for (int length : new int[] {125, 126, 65535, 65536}) {
            server.binary(new byte[length], 0, length);
        }
        wrote("82 7d" + "00".repeat(125), "82 7e 007e" + "00".repeat(126), "82 7e ffff" + "00".repeat(65535),
                "82 7f 0000000000010000" + "00".repeat(65536));
    }

    @Test
    void longestControlPayloadIsSentAndOneByteMoreIsRefused() throws IOException {
        server.ping(new byte[125]);
        wrote("89 7d" + "00".repeat(125));
        assertThrows(IllegalArgumentException.class, () -> server.ping(new byte[126]));
        assertThrows(IllegalArgumentException.class, () -> server.pong(new byte[126]));
    }

    @Test
    void closeReasonIsCutBetweenCharacters() throws IOException {
        server.close(1011, "x".repeat(121) + "\u20ac");
        wrote("88 7b 03f3" + "78".repeat(121));
        calls.made.clear();
        new WebSocketWriter(calls).close(1011, "x".repeat(120) + "\u20ac" + "yz");
        wrote("88 7d 03f3" + "78".repeat(120) + "e282ac");
    }

    @Test
    void closeThatWasReceivedCanBeGivenBack() throws IOException {
        server.close(CloseCode.NO_STATUS, "");
        wrote("88 00");
    }

    @Test
    void codesThatMayNotBeSentAreRefused() {
        for (int code : new int[] {-1, 0, 999, 1004, 1006, 1015, 2999, 5000, 66536}) {
            assertThrows(IllegalArgumentException.class, () -> server.close(code, ""), "code " + code);
        }
        wrote();
    }

    @Test
    void nothingFollowsClose() throws IOException {
        server.close(1000, "");
        server.close(1001, "again");
        assertThrows(IOException.class, () -> server.text("late"));
        assertThrows(IOException.class, () -> server.pong(new byte[0]));
        wrote("88 02 03e8");
    }

    @Test
    void loneSurrogateDoesNotMakeWrongUtf8() throws IOException {
        server.text("a\ud83d");
        wrote("81 02 613f");
    }

    @Test
    void rangeOutsideTheArrayIsRefused() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThrows(IndexOutOfBoundsException.class, () -> new WebSocketWriter(out).binary(new byte[3], 2, 2));
        assertEquals(0, out.size());
    }
}
