package tunnelforge.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a reader makes of given bytes. Frames are written as a server sends them; a server's reader gets the same ones masked. */
final class WebSocketReaderTest {
    private static final int MAX_MESSAGE_BYTES = 20;

    /** Sections are those of RFC 6455. */
    record Case(String section, String name, String frames, List<String> expected) {
        @Override
        public String toString() {
            return section + " " + name;
        }
    }

    private static Case of(String section, String name, String frames, String... expected) {
        return new Case(section, name, frames, List.of(expected));
    }

    static Stream<Case> cases() {
        return Stream.of(messages(), fragments(), controlFrames(), closeFrames(), heads(), limits(), utf8())
                .flatMap(stream -> stream);
    }

    private static Stream<Case> messages() {
        return Stream.of(
                of("5.6", "text", "81 05 48656c6c6f", "text Hello", "eof"),
                of("5.6", "empty text", "81 00", "text ", "eof"),
                of("5.6", "binary", "82 04 00ff8041", "binary 00ff8041", "eof"),
                of("5.6", "empty binary", "82 00", "binary ", "eof"),
                of("5.6", "several messages", "81 01 61 | 82 01 62 | 81 00 | 81 01 63", "text a", "binary 62", "text ", "text c", "eof"),
                of("7.1.5", "nothing at all", "", "eof"));
    }

    private static Stream<Case> fragments() {
        return Stream.of(
                of("5.4", "two fragments", "01 03 48656c | 80 02 6c6f", "text Hello", "eof"),
                of("5.4", "three fragments of binary", "02 01 01 | 00 01 02 | 80 01 03", "binary 010203", "eof"),
                of("5.4", "empty fragments", "01 00 | 00 00 | 80 00", "text ", "eof"),
                of("5.4", "empty fragments around content", "01 00 | 00 01 61 | 00 00 | 80 00", "text a", "eof"),
                of("5.4", "Ping between fragments", "01 01 61 | 89 01 70 | 80 01 62", "ping 70", "text ab", "eof"),
                of("5.4", "many control frames between fragments", "01 01 61 | 89 00 | 8a 01 70 | 00 01 62 | 89 01 71 | 80 01 63",
                        "ping ", "pong 70", "ping 71", "text abc", "eof"),
                of("5.4", "Close between fragments", "01 01 61 | 88 02 03e8 | 80 01 62", "close 1000 ", "eof"),
                of("5.4", "continuation of nothing", "80 01 61", "error 1002"),
                of("5.4", "open continuation of nothing", "00 01 61 | 80 00", "error 1002"),
                of("5.4", "continuation after the end", "01 01 61 | 80 01 62 | 80 01 63", "text ab", "error 1002"),
                of("5.4", "text inside text", "01 01 61 | 81 01 62", "error 1002"),
                of("5.4", "binary inside text", "01 01 61 | 02 01 62", "error 1002"),
                of("5.4", "text inside an empty message", "02 00 | 01 00", "error 1002"),
                of("7.1.5", "end of stream between fragments", "01 01 61", "eof"));
    }

    private static Stream<Case> controlFrames() {
        return Stream.of(
                of("5.5.2", "Ping", "89 05 48656c6c6f", "ping 48656c6c6f", "eof"),
                of("5.5.2", "empty Ping", "89 00", "ping ", "eof"),
                of("5.5.2", "payload is bytes", "89 03 00ff80", "ping 00ff80", "eof"),
                of("5.5.3", "unasked Pong", "8a 02 4142", "pong 4142", "eof"),
                of("5.5", "125 bytes", "89 7d " + "2a".repeat(125), "ping " + "2a".repeat(125), "eof"),
                of("5.5", "126 bytes", "89 7e 007e " + "2a".repeat(126), "error 1002"),
                of("5.5", "16 bits of length for a short payload", "8a 7e 0001 2a", "error 1002"),
                of("5.5", "64 bits of length", "88 7f 0000000000000002 03e8", "error 1002"),
                of("5.4", "Ping in fragments", "09 01 61 | 80 01 62", "error 1002"),
                of("5.4", "Pong in fragments", "0a 00", "error 1002"),
                of("5.4", "Close in fragments", "08 00", "error 1002"));
    }

    private static Stream<Case> closeFrames() {
        Stream<Case> valid = Stream.of(1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999)
                .map(code -> of("7.4", "code " + code, "88 02 %04x".formatted(code), "close " + code + " ", "eof"));
        Stream<Case> invalid = Stream.of(0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 32768, 65535)
                .map(code -> of("7.4", "code " + code, "88 02 %04x".formatted(code), "error 1002"));
        Stream<Case> others = Stream.of(
                of("5.5.1", "no code", "88 00", "close 1005 ", "eof"),
                of("5.5.1", "half a code", "88 01 03", "error 1002"),
                of("5.5.1", "reason", "88 05 03e8 627965", "close 1000 bye", "eof"),
                of("5.5.1", "longest reason", "88 7d 0bb8 " + "61".repeat(123), "close 3000 " + "a".repeat(123), "eof"),
                of("5.5.1", "reason of several bytes a character", "88 05 03e8 e282ac", "close 1000 \u20ac", "eof"),
                of("8.1", "reason that is not UTF-8", "88 04 03e8 ceff", "error 1007"),
                of("8.1", "reason cut inside a character", "88 04 03e8 e282", "error 1007"),
                of("5.5.1", "what follows is not looked at", "88 00 | 81 01 61 | ff ff", "close 1005 ", "eof"));
        return Stream.of(valid, invalid, others).flatMap(stream -> stream);
    }

    private static Stream<Case> heads() {
        Stream<Case> opcodes = Stream.of(3, 4, 5, 6, 7, 11, 12, 13, 14, 15).flatMap(opcode -> Stream.of(
                of("5.2", "reserved opcode " + opcode, "%02x 00".formatted(0x80 | opcode), "error 1002"),
                of("5.2", "reserved opcode in a message " + opcode, "01 01 61 | %02x 01 62".formatted(opcode), "error 1002")));
        Stream<Case> bits = Stream.of(0x40, 0x20, 0x10, 0x70).flatMap(bit -> Stream.of(
                of("5.2", "reserved bit %02x of text".formatted(bit), "81 01 61 | %02x 01 61".formatted(0x81 | bit), "text a", "error 1002"),
                of("5.2", "reserved bit %02x of continuation".formatted(bit), "01 01 61 | %02x 01 62".formatted(0x80 | bit), "error 1002"),
                of("5.2", "reserved bit %02x of Ping".formatted(bit), "%02x 00".formatted(0x89 | bit), "error 1002")));
        Stream<Case> lengths = Stream.of(
                of("5.2", "16 bits for 125", "82 7e 007d", "error 1002"),
                of("5.2", "16 bits for 0", "82 7e 0000", "error 1002"),
                of("5.2", "64 bits for 1", "82 7f 0000000000000001 61", "error 1002"),
                of("5.2", "64 bits for 65535", "82 7f 000000000000ffff", "error 1002"),
                of("5.2", "highest of 64 bits", "82 7f 8000000000000000", "error 1002"),
                of("5.2", "all 64 bits", "82 7f ffffffffffffffff", "error 1002"));
        return Stream.of(opcodes, bits, lengths).flatMap(stream -> stream);
    }

    private static Stream<Case> limits() {
        return Stream.of(
                of("10.4", "at the limit", "82 14 " + "2a".repeat(20), "binary " + "2a".repeat(20), "eof"),
                of("10.4", "one past the limit", "82 15 " + "2a".repeat(21), "error 1009"),
                of("10.4", "126 bytes claimed", "82 7e 007e", "error 1009"),
                of("10.4", "65,536 bytes claimed", "81 7f 0000000000010000", "error 1009"),
                of("10.4", "63 bits claimed", "81 7f 7fffffffffffffff", "error 1009"),
                of("10.4", "fragments at the limit", "02 13 " + "2a".repeat(19) + "| 80 01 2a", "binary " + "2a".repeat(20), "eof"),
                of("10.4", "fragments past the limit", "02 14 " + "2a".repeat(20) + "| 80 01 2a", "error 1009"),
                of("10.4", "63 bits claimed by a fragment", "02 01 2a | 80 7f 7fffffffffffffff", "error 1009"),
                of("10.4", "the limit counts each message anew", "82 14 " + "2a".repeat(20) + "| 82 14 " + "2a".repeat(20),
                        "binary " + "2a".repeat(20), "binary " + "2a".repeat(20), "eof"),
                of("10.4", "control frames have their own limit", "02 14 " + "2a".repeat(20) + "| 89 15 " + "61".repeat(21) + "| 80 00",
                        "ping " + "61".repeat(21), "binary " + "2a".repeat(20), "eof"));
    }

    private static Stream<Case> utf8() {
        return Stream.of(
                of("8.1", "two, three and four bytes", "81 09 c3a9 e282ac f09f9880", "text \u00e9\u20ac\ud83d\ude00", "eof"),
                of("8.1", "a character over two fragments", "01 02 61e2 | 80 02 82ac", "text a\u20ac", "eof"),
                of("8.1", "a character over four fragments", "01 01 f0 | 00 01 9f | 00 01 98 | 80 01 80", "text \ud83d\ude00", "eof"),
                of("8.1", "Ping inside a character", "01 01 c3 | 89 01 ff | 80 01 a9", "ping ff", "text \u00e9", "eof"),
                of("8.1", "empty fragment inside a character", "01 01 c3 | 00 00 | 80 01 a9", "text \u00e9", "eof"),
                of("8.1", "binary is not looked at", "82 02 c3ff", "binary c3ff", "eof"),
                of("8.1", "end inside a character", "81 02 e282", "error 1007"),
                of("8.1", "end inside a character over fragments", "01 01 e2 | 80 01 82", "error 1007"),
                of("8.1", "end inside a character in an empty fragment", "01 01 c3 | 80 00", "error 1007"),
                of("8.1", "wrong second fragment", "01 01 e2 | 80 02 8261", "error 1007"),
                of("8.1", "a character does not go on in the next message", "81 01 c3 | 81 01 a9", "error 1007"),
                of("8.1", "tail first", "81 01 80", "error 1007"),
                of("8.1", "not a shortest form", "81 02 c080", "error 1007"),
                of("8.1", "surrogate", "81 03 eda080", "error 1007"),
                of("8.1", "above U+10FFFF", "81 04 f4908080", "error 1007"),
                of("8.1", "first and last of each length", "81 13 7f c280dfbf e0a080efbfbf f0908080f48fbfbf",
                        "text \u007f\u0080\u07ff\u0800\uffff\ud800\udc00\udbff\udfff", "eof"));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void clientReadsWhole(Case c) {
        assertEquals(c.expected, client(Wire.bytes(c.frames)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void serverReadsWhole(Case c) {
        assertEquals(c.expected, server(c));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void bothReadByteByByte(Case c) {
        for (boolean timeouts : new boolean[] {false, true}) {
            assertEquals(c.expected, Wire.readAll(Wire.byteByByte(Wire.bytes(c.frames), timeouts), MAX_MESSAGE_BYTES, Role.CLIENT));
            assertEquals(c.expected, Wire.readAll(Wire.byteByByte(serverBytes(c), timeouts), MAX_MESSAGE_BYTES, Role.SERVER));
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void bothReadAcrossEverySplit(Case c) {
        byte[] unmasked = Wire.bytes(c.frames);
        byte[] masked = serverBytes(c);
        for (int split = 1; split < masked.length; split++) {
            assertEquals(c.expected, Wire.readAll(Wire.splitAt(masked, split), MAX_MESSAGE_BYTES, Role.SERVER), "split at " + split);
        }
        for (int split = 1; split < unmasked.length; split++) {
            assertEquals(c.expected, Wire.readAll(Wire.splitAt(unmasked, split), MAX_MESSAGE_BYTES, Role.CLIENT), "split at " + split);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everyTruncationGivesTheFirstOfTheSameMessages(Case c) throws IOException {
        byte[] masked = serverBytes(c);
        for (int length = 0; length < masked.length; length++) {
            List<String> read = Wire.readAll(new ByteArrayInputStream(masked, 0, length), MAX_MESSAGE_BYTES, Role.SERVER);
            int common = read.getLast().equals("eof") ? read.size() - 1 : read.size();
            assertEquals(c.expected.subList(0, common), read.subList(0, common), "first " + length + " bytes");
        }
    }

    @Test
    void serverRefusesUnmaskedFramesAndClientMaskedOnes() {
        for (String frame : List.of("81 05 48656c6c6f", "82 00", "89 00", "88 02 03e8")) {
            byte[] unmasked = Wire.bytes(frame);
            byte[] masked = Wire.masked(frame);
            assertEquals(List.of("error 1002"), Wire.readAll(new ByteArrayInputStream(unmasked), MAX_MESSAGE_BYTES, Role.SERVER), frame);
            assertEquals(List.of("error 1002"), client(masked), frame);
        }
    }

    private static List<String> client(byte[] bytes) {
        return Wire.readAll(new ByteArrayInputStream(bytes), MAX_MESSAGE_BYTES, Role.CLIENT);
    }

    private static List<String> server(Case c) {
        return Wire.readAll(new ByteArrayInputStream(serverBytes(c)), MAX_MESSAGE_BYTES, Role.SERVER);
    }

    private static byte[] serverBytes(Case c) {
        return c.frames.isEmpty() ? new byte[0] : Wire.masked(c.frames);
    }
}
