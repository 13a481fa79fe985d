package tunnelforge.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static tunnelforge.net.TestHello.extension;
import static tunnelforge.net.TestHello.handshake;
import static tunnelforge.net.TestHello.hex;
import static tunnelforge.net.TestHello.hostName;
import static tunnelforge.net.TestHello.inPieces;
import static tunnelforge.net.TestHello.join;
import static tunnelforge.net.TestHello.message;
import static tunnelforge.net.TestHello.record;
import static tunnelforge.net.TestHello.records;
import static tunnelforge.net.TestHello.sni;
import static tunnelforge.net.TestHello.upToExtensions;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.text.HostNames;

final class ClientHelloTest {
    private static final byte[] GREASE = extension(0x2a2a, new byte[0]);
    /** As large as an ML-KEM-768 share beside an X25519 one. */
    private static final byte[] POST_QUANTUM = extension(51, new byte[2 + 4 + 1216 + 4 + 32]);
    private static final byte[] MESSAGE = message(GREASE, sni("Quick-Fox.Tunnel.Example"), POST_QUANTUM);

    private static ClientHello read(byte[] bytes) throws IOException {
        return ClientHello.read(new ByteArrayInputStream(bytes), ClientHello.DEFAULT_LIMIT_BYTES);
    }

    private static ClientHelloException refused(byte[] bytes) {
        return assertThrows(ClientHelloException.class, () -> read(bytes));
    }

    private static String nameOf(byte[]... extensions) throws IOException {
        return read(record(message(extensions))).serverName();
    }

    @Test
    void bytesWrittenOutAreUnderstood() throws IOException {
        byte[] hello = hex("""
                16 0301 0047  01 000043  0303
                000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
                00  0002 1301  01 00  0018
                0000 000e 000c 00 0009 61 2e 65 78 61 6d 70 6c 65
                002b 0002 0304
                """);
        assertEquals("a.example", read(hello).serverName());
    }

    @Test
    void theNameIsInLowerCaseAndWithoutTrailingDot() throws IOException {
        assertEquals("quick-fox.tunnel.example", read(record(MESSAGE)).serverName());
        assertEquals("a.example", nameOf(sni("A.example.")));
    }

    @Test
    void itsBytesAreExactlyWhatWasTaken() throws IOException {
        byte[] hello = record(MESSAGE);
        byte[] next = hex("14 0303 0001 01");
        ByteArrayInputStream in = new ByteArrayInputStream(join(hello, next));
        assertArrayEquals(hello, ClientHello.read(in, ClientHello.DEFAULT_LIMIT_BYTES).bytes());
        assertArrayEquals(next, in.readAllBytes());
    }

    @Test
    void itMayArriveInAnyTwoPiecesAndByteByByte() throws IOException {
        byte[] hello = records(MESSAGE, 400);
        for (int split = -1; split < hello.length; split++) {
            ClientHello read = ClientHello.read(inPieces(hello, split), ClientHello.DEFAULT_LIMIT_BYTES);
            assertEquals("quick-fox.tunnel.example", read.serverName(), "split at " + split);
            assertArrayEquals(hello, read.bytes(), "split at " + split);
        }
    }

    @Test
    void everyTruncationIsAnEndOfStream() {
        byte[] hello = records(MESSAGE, 400);
        for (int length = 0; length < hello.length; length++) {
            byte[] cut = Arrays.copyOf(hello, length);
            assertThrows(EOFException.class, () -> read(cut), "cut at " + length);
        }
    }

    @Test
    void aMessageMayBeFragmentedOverRecordsOfAnySize() throws IOException {
        byte[] small = message(GREASE, sni("a.example"));
        for (int size = 1; size <= small.length; size++) {
            byte[] hello = records(small, size);
            ClientHello read = read(hello);
            assertEquals("a.example", read.serverName(), "records of " + size);
            assertArrayEquals(hello, read.bytes(), "records of " + size);
        }
    }

    @Test
    void whatFollowsInTheLastRecordIsTakenWithIt() throws IOException {
        byte[] hello = record(join(message(sni("a.example")), hex("0e000000")));
        ClientHello read = read(hello);
        assertEquals("a.example", read.serverName());
        assertArrayEquals(hello, read.bytes());
    }

    @Test
    void withoutAServerNameThereIsNone() throws IOException {
        assertNull(nameOf(GREASE));
        assertNull(nameOf());
        assertNull(read(record(handshake(upToExtensions()))).serverName());
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.0.0.1.", "203.0.113.9", "::1", "[::1]", "2001:db8::1"})
    void anAddressCountsAsNone(String address) throws IOException {
        assertNull(nameOf(sni(address)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a_b.example", "_a.example", "1.example", "xn--bcher-kva.example", "localhost"})
    void unusualNamesAreTaken(String name) throws IOException {
        assertEquals(name, nameOf(sni(name)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "a..b", ".a", "a b", "a/b", "*.example", "-a.example", "a\u0000.example",
        "b\u00fccher.example", "a:80", "a.example..", "\u001b[31m"})
    void whatIsNoNameIsRefused(String name) {
        ClientHelloException refused = refused(record(message(sni(name))));
        assertEquals(ClientHello.ALERT_ILLEGAL_PARAMETER, refused.alert());
        assertTrue(refused.getMessage().chars().allMatch(c -> c >= ' ' && c <= '~'), refused.getMessage());
    }

    @Test
    void namesAndLabelsHaveALongestForm() throws IOException {
        String label = "a".repeat(63);
        String name = (label + ".").repeat(3) + "a".repeat(61);
        assertEquals(name, nameOf(sni(name)));
        refused(record(message(sni(name + "a"))));
        refused(record(message(sni(label + "a.example"))));
    }

    @Test
    void theServerNameHoldsExactlyOneHostName() {
        byte[] name = "a.example".getBytes(StandardCharsets.US_ASCII);
        refused(record(message(sni(hostName(name), hostName(name)))));
        refused(record(message(sni(join(hex("01 0001 61"), hostName(name))))));
        refused(record(message(sni(hex("01 0001 61")))));
        refused(record(message(extension(0, new byte[0]))));
        refused(record(message(extension(0, hex("0000")))));
        refused(record(message(sni("a.example"), sni("a.example"))));
        refused(record(message(extension(0, join(hex("000c"), hostName(name), hex("00"))))));
    }

    @Test
    void lengthsThatDoNotFitAreRefused() {
        byte[] head = upToExtensions();
        refused(record(handshake(new byte[0])));
        refused(record(handshake(Arrays.copyOf(head, 34))));
        byte[] afterSessionId = hex("0002 1301 01 00 0000");
        refused(record(handshake(join(Arrays.copyOf(head, 34), hex("21"), new byte[33], afterSessionId))));
        refused(record(handshake(join(head, hex("00")))));
        refused(record(handshake(join(head, hex("0001")))));
        refused(record(handshake(join(head, hex("0000 00")))));
        refused(record(handshake(join(head, hex("0003 002b00")))));
        refused(record(handshake(join(head, hex("0005 002b0002 03")))));
    }

    @Test
    void otherMessagesAndRecordsAreRefused() {
        assertEquals(ClientHello.ALERT_UNEXPECTED_MESSAGE, refused(record(hex("02 000000"))).alert());
        refused(hex("16 0200 0004 01000000"));
        refused(hex("16 0301 0000"));
        byte[] first = record(Arrays.copyOf(MESSAGE, 100));
        refused(join(first, hex("16 0301 0000"), record(Arrays.copyOfRange(MESSAGE, 100, MESSAGE.length))));
        assertEquals(ClientHello.ALERT_UNEXPECTED_MESSAGE, refused(join(first, hex("17 0303 0001 00"))).alert());
        assertEquals(ClientHello.ALERT_UNEXPECTED_MESSAGE, refused(join(first, hex("15 0303 0002 0100"))).alert());
    }

    @Test
    void aRecordAboveTheProtocolsLimitIsRefusedUnread() {
        ByteArrayInputStream in = new ByteArrayInputStream(join(hex("16 0301 4001"), new byte[9]));
        ClientHelloException refused = assertThrows(ClientHelloException.class,
                () -> ClientHello.read(in, ClientHello.DEFAULT_LIMIT_BYTES));
        assertTrue(refused.getMessage().contains("16385") && refused.getMessage().contains("16384"), refused.getMessage());
        assertEquals(ClientHello.ALERT_RECORD_OVERFLOW, refused.alert());
    }

    @Test
    void theLimitHoldsForAllThatIsTaken() throws IOException {
        byte[] hello = records(MESSAGE, 300);
        assertEquals(hello.length, ClientHello.read(new ByteArrayInputStream(hello), hello.length).bytes().length);
        for (int limit = 0; limit < hello.length; limit++) {
            int tooLow = limit;
            ByteArrayInputStream in = new ByteArrayInputStream(hello);
            assertThrows(ClientHelloException.class, () -> ClientHello.read(in, tooLow));
            assertTrue(hello.length - in.available() <= limit, "took more than the limit of " + limit);
        }
    }

    @Test
    void aMessageAboveTheLimitIsRefusedAtItsFirstRecord() {
        ByteArrayInputStream in = new ByteArrayInputStream(join(record(hex("01 ffffff 00")), new byte[100]));
        assertThrows(ClientHelloException.class, () -> ClientHello.read(in, ClientHello.DEFAULT_LIMIT_BYTES));
        assertEquals(100, in.available());
    }

    @Test
    void sixteenKibibytesFitTheDefaultLimit() throws IOException {
        byte[] large = message(sni("a.example"), extension(21, new byte[16_384 - MESSAGE.length]), POST_QUANTUM);
        assertEquals("a.example", read(records(large, 16_384)).serverName());
        assertEquals("a.example", read(records(large, 300)).serverName());
    }

    @Test
    void whatIsNotTlsIsSeenByItsFirstByte() throws IOException {
        byte[] request = "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        ByteArrayInputStream in = new ByteArrayInputStream(request);
        NotTlsException http = assertThrows(NotTlsException.class,
                () -> ClientHello.read(in, ClientHello.DEFAULT_LIMIT_BYTES));
        assertTrue(in.available() >= request.length - 5, "no more is taken than a record's header");
        assertEquals("expected a TLS ClientHello, got a first byte of 71", http.getMessage());
        assertTrue(http.maybeHttp());
        NotTlsException ssh = assertThrows(NotTlsException.class, () -> ClientHello.read(inPieces(hex("80 2e"), -1), 100));
        assertEquals("expected a TLS ClientHello, got a first byte of 128", ssh.getMessage());
        assertFalse(ssh.maybeHttp());
    }

    @Test
    void anAlertIsARecord() {
        assertArrayEquals(hex("15 0303 0002 02 70"), ClientHello.alert(ClientHello.ALERT_UNRECOGNIZED_NAME));
    }

    @Test
    void mutationsAreReadOrRefusedAndNeverOvertaken() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[][] bases = {record(MESSAGE), records(MESSAGE, 97), record(message(GREASE, sni("a.example")))};
        for (int round = 0; round < 20_000; round++) {
            byte[] hello = bases[round % bases.length].clone();
            for (int i = random.nextInt(1, 4); i > 0; i--) {
                hello[random.nextInt(random.nextBoolean() ? Math.min(160, hello.length) : hello.length)]
                        = (byte) random.nextInt(256);
            }
            ByteArrayInputStream in = new ByteArrayInputStream(hello);
            try {
                ClientHello read = ClientHello.read(in, 2000);
                assertEquals(hello.length - in.available(), read.bytes().length, "seed " + seed + " round " + round);
                String name = read.serverName();
                assertTrue(name == null || HostNames.isName(name), "seed " + seed + " round " + round);
            } catch (IOException e) {
                assertTrue(hello.length - in.available() <= 2000, "seed " + seed + " round " + round);
            } catch (RuntimeException e) {
                fail("seed " + seed + " round " + round, e);
            }
        }
    }
}
