package tunnelforge.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The PROXY protocol, against the bytes that proxy-protocol.txt gives. */
class ProxyHeaderTest {
    private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";
    private static final byte[] NEXT = ascii("GET / HTTP/1.1\r\n\r\n");

    private static final ProxyHeader FOUR = proxied("192.0.2.1", 56_324, "203.0.113.7", 443);
    private static final byte[] FOUR_V1 = ascii("PROXY TCP4 192.0.2.1 203.0.113.7 56324 443\r\n");
    private static final byte[] FOUR_V2 = Bytes.hex(SIGNATURE + "21 11 000c c0000201 cb007107 dc04 01bb");

    private static final ProxyHeader SIX = proxied("2001:db8::1", 0, "::1", 65_535);
    private static final byte[] SIX_V1 = ascii("PROXY TCP6 2001:db8::1 ::1 0 65535\r\n");
    private static final byte[] SIX_V2 = Bytes.hex(SIGNATURE
            + "21 21 0024 20010db8000000000000000000000001 00000000000000000000000000000001 0000 ffff");

    private static final byte[] UNKNOWN_V1 = ascii("PROXY UNKNOWN\r\n");
    private static final byte[] LOCAL_V2 = Bytes.hex(SIGNATURE + "20 00 0000");

    private static final Map<byte[], ProxyHeader> VALID = Map.ofEntries(Map.entry(FOUR_V1, FOUR), Map.entry(FOUR_V2, FOUR),
            Map.entry(SIX_V1, SIX), Map.entry(SIX_V2, SIX), Map.entry(UNKNOWN_V1, ProxyHeader.UNKNOWN),
            Map.entry(LOCAL_V2, ProxyHeader.UNKNOWN), Map.entry(ascii("PROXY TCP6 2001:DB8:0:0:0:0:0:1 0:0:0:0:0:0:0:1 0 65535\r\n"), SIX),
            Map.entry(ascii("PROXY UNKNOWN ffff:f...f:ffff what ever 65535\r\n"), ProxyHeader.UNKNOWN),
            // With two TLVs behind the addresses.
            Map.entry(Bytes.hex(SIGNATURE + "21 11 0016 c0000201 cb007107 dc04 01bb 04 0001 00 01 0003 683271"), FOUR));

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static ProxyHeader proxied(String source, int sourcePort, String destination, int destinationPort) {
        return ProxyHeader.of(new InetSocketAddress(address(source), sourcePort), new InetSocketAddress(address(destination), destinationPort));
    }

    private static String refused(byte[] bytes) {
        return assertThrows(ProxyHeaderException.class, () -> ProxyHeader.read(new ByteArrayInputStream(bytes))).getMessage();
    }

    private static String refused(String line) {
        return refused(ascii(line));
    }

    // ---- Writing. ----

    @Test
    void bothVersionsAreWrittenAsTheSpecificationSays() {
        assertArrayEquals(FOUR_V1, FOUR.v1());
        assertArrayEquals(FOUR_V2, FOUR.v2());
        assertArrayEquals(SIX_V1, SIX.v1());
        assertArrayEquals(SIX_V2, SIX.v2());
        assertArrayEquals(UNKNOWN_V1, ProxyHeader.UNKNOWN.v1());
        assertArrayEquals(LOCAL_V2, ProxyHeader.UNKNOWN.v2());
    }

    @Test
    void addressesOfTwoFamiliesAreNotTold() {
        ProxyHeader mixed = proxied("192.0.2.1", 1, "::1", 2);
        assertArrayEquals(UNKNOWN_V1, mixed.v1());
        assertArrayEquals(LOCAL_V2, mixed.v2());
    }

    @Test
    void anAddressThatIsNotKnownIsNotTold() {
        InetSocketAddress known = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
        assertEquals(ProxyHeader.UNKNOWN, ProxyHeader.of(known, null));
        assertEquals(ProxyHeader.UNKNOWN, ProxyHeader.of(InetSocketAddress.createUnresolved("name.test", 1), known));
    }

    @Test
    void aZoneStaysHere() throws IOException {
        InetAddress zoned = java.net.Inet6Address.getByAddress(null, address("fe80::1").getAddress(), 1);
        assertEquals("PROXY TCP6 fe80::1 fe80::1 1 2\r\n",
                new String(new ProxyHeader.Proxied(zoned, 1, zoned, 2).v1(), StandardCharsets.US_ASCII));
    }

    @Test
    void noLineIsLongerThanItMayBe() {
        String longest = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
        assertTrue(proxied(longest, 65_535, longest, 65_535).v1().length <= ProxyHeader.MAX_V1);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 65_536})
    void aPortOutsideItsRangeIsOurOwnBug(int port) {
        InetAddress here = InetAddress.getLoopbackAddress();
        assertThrows(IllegalArgumentException.class, () -> new ProxyHeader.Proxied(here, port, here, 1));
        assertThrows(IllegalArgumentException.class, () -> new ProxyHeader.Proxied(here, 1, here, port));
    }

    // ---- Reading. ----

    @Test
    void whateverTheSplitTheHeaderIsReadAndNotOneByteMore() throws IOException {
        for (Map.Entry<byte[], ProxyHeader> valid : VALID.entrySet()) {
            byte[] all = Bytes.concat(valid.getKey(), NEXT);
            for (int most = 1; most <= all.length; most++) {
                InputStream in = Bytes.inPieces(all, most);
                assertEquals(valid.getValue(), ProxyHeader.read(in), "pieces of " + most);
                assertArrayEquals(NEXT, in.readAllBytes());
            }
            for (int at = 0; at < valid.getKey().length; at++) {
                InputStream in = Bytes.splitAt(all, at);
                assertEquals(valid.getValue(), ProxyHeader.read(in), "split at " + at);
                assertArrayEquals(NEXT, in.readAllBytes());
            }
        }
    }

    @Test
    void everyTruncationIsAnEndOfStream() {
        for (byte[] valid : VALID.keySet()) {
            for (int length = 0; length < valid.length; length++) {
                byte[] cut = Arrays.copyOf(valid, length);
                String message = assertThrows(EOFException.class, () -> ProxyHeader.read(new ByteArrayInputStream(cut))).getMessage();
                assertEquals("closed by the peer after " + length + " bytes of a PROXY header", message);
            }
        }
    }

    @Test
    void whatHasNoAddressesOfTcpIsUnknown() throws IOException {
        String unix = "00".repeat(216);
        for (String header : List.of("20 11 000c c0000201 cb007107 dc04 01bb", "20 ff 0003 010203", "21 00 0000", "21 00 0004 01020304",
                "21 12 000c c0000201 cb007107 dc04 01bb", "21 22 0024" + "00".repeat(36), "21 31 00d8" + unix, "21 32 00d8" + unix)) {
            InputStream in = new ByteArrayInputStream(Bytes.concat(Bytes.hex(SIGNATURE + header), NEXT));
            assertEquals(ProxyHeader.UNKNOWN, ProxyHeader.read(in), header);
            assertArrayEquals(NEXT, in.readAllBytes(), header);
        }
    }

    @Test
    void noHeaderAtAllIsNamed() {
        assertEquals("no PROXY header: the connection begins with 'GET / HTTP/1.1\\r'", refused("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
        assertEquals("no PROXY header: the connection begins with '\\u0016\\u0003\\u0001\\u0002\\u0000'", refused(Bytes.hex("1603010200")));
        assertEquals("no PROXY header: the connection begins with 'PROXX'", refused("PROXX"));
        assertEquals("no PROXY header: the connection begins with 'proxy TCP4 1.2.'", refused("proxy TCP4 1.2.3.4 1.2.3.4 1 1\r\n"));
        assertEquals("no PROXY header: the connection begins with '\\r\\n\\r\\n\\u0001'", refused("\r\n\r\n\u0001"));
    }

    /** Whoever speaks something else may wait for an answer: it must not take a whole header to see that. */
    @Test
    void theFirstWrongByteIsEnough() {
        assertTrue(refused("E").startsWith("no PROXY header"));
        assertTrue(refused("\r\n\r\n\0\r\nQUIX").startsWith("no PROXY header"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n", "PROXY TCP4  192.0.2.1 192.0.2.2 1 2\r\n", "PROXY TCP4 192.0.2.1 192.0.2.2 1 2 \r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.2 1\r\n", "PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3\r\n", "PROXY TCP5 192.0.2.1 192.0.2.2 1 2\r\n",
        "PROXY tcp4 192.0.2.1 192.0.2.2 1 2\r\n", "PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n", "PROXY UNKNOWNS\r\n", "PROXY \r\nPROXY UNKNOWN\r\n",
        "PROXY TCP4 192.0.2.01 192.0.2.2 1 2\r\n", "PROXY TCP4 192.0.2 192.0.2.2 1 2\r\n", "PROXY TCP4 192.0.2.256 192.0.2.2 1 2\r\n",
        "PROXY TCP4 ::1 ::1 1 2\r\n", "PROXY TCP6 192.0.2.1 192.0.2.2 1 2\r\n", "PROXY TCP6 1::2::3 ::1 1 2\r\n", "PROXY TCP6 1:2 ::1 1 2\r\n",
        "PROXY TCP6 ::1%eth0 ::1 1 2\r\n", "PROXY TCP6 [::1] ::1 1 2\r\n", "PROXY TCP6 00000::1 ::1 1 2\r\n", "PROXY TCP6 localhost ::1 1 2\r\n",
        "PROXY TCP4 localhost 192.0.2.2 1 2\r\n", "PROXY TCP4 192.0.2.1 192.0.2.2 01 2\r\n", "PROXY TCP4 192.0.2.1 192.0.2.2 65536 2\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.2 1 -2\r\n", "PROXY TCP4 192.0.2.1 192.0.2.2 1 +2\r\n", "PROXY TCP4 192.0.2.1 192.0.2.2 1 99999\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\r\n", "PROXY TCP4 192.0.2.1\t192.0.2.2 1 2\r\n", "PROXY TCP4 \u0661.0.2.1 192.0.2.2 1 2\r\n"})
    void aLineThatIsNotExactlyAsItShouldBeIsRefused(String line) {
        String message = refused(line.getBytes(StandardCharsets.UTF_8));
        assertTrue(message.startsWith("not a PROXY line: 'PROXY "), message);
        assertTrue(message.chars().allMatch(c -> c >= ' ' && c <= '~'), message);
    }

    @Test
    void aLineAtItsLimitIsReadAndOnePastIsNot() throws IOException {
        String start = "PROXY UNKNOWN ";
        String most = start + "x".repeat(ProxyHeader.MAX_V1 - 2 - start.length()) + "\r\n";
        InputStream in = new ByteArrayInputStream(ascii(most));
        assertEquals(ProxyHeader.UNKNOWN, ProxyHeader.read(in));
        assertEquals(0, in.available());
        InputStream over = new ByteArrayInputStream(ascii(start + "x" + most.substring(start.length()) + "more"));
        assertThrows(ProxyHeaderException.class, () -> ProxyHeader.read(over));
        assertTrue(over.available() >= 5, "nothing past the limit was read");
    }

    @Test
    void theBinaryHeadersLengthIsHeldToItsLimitBeforeAnythingIsRead() throws IOException {
        byte[] most = Bytes.concat(Bytes.hex(SIGNATURE + "21 11 0218 c0000201 cb007107 dc04 01bb"), new byte[ProxyHeader.MAX_V2_REST - 12]);
        assertEquals(FOUR, ProxyHeader.read(new ByteArrayInputStream(most)));
        for (String length : List.of("0219", "ffff")) {
            InputStream in = new ByteArrayInputStream(Bytes.hex(SIGNATURE + "21 11" + length + "00".repeat(100)));
            String message = assertThrows(ProxyHeaderException.class, () -> ProxyHeader.read(in)).getMessage();
            assertEquals("a PROXY header with " + Integer.parseInt(length, 16) + " bytes of addresses and TLVs; the limit is 536", message);
            assertEquals(100, in.available());
        }
    }

    @Test
    void aBinaryHeaderThatBreaksTheSpecificationIsRefused() {
        assertEquals("a binary PROXY header of version 1, not 2", refused(Bytes.hex(SIGNATURE + "11 11 0000")));
        assertEquals("a binary PROXY header of version 3, not 2", refused(Bytes.hex(SIGNATURE + "31 11 0000")));
        assertEquals("a PROXY header with the command 2", refused(Bytes.hex(SIGNATURE + "22 11 0000")));
        for (String family : List.of("01", "02", "10", "13", "20", "30", "33", "41", "ff")) {
            assertEquals("a PROXY header with the address family and protocol 0x" + family,
                    refused(Bytes.hex(SIGNATURE + "21" + family + "00d8" + "00".repeat(216))));
        }
        assertEquals("a PROXY header with 11 bytes where its addresses take 12", refused(Bytes.hex(SIGNATURE + "21 11 000b" + "00".repeat(11))));
        assertEquals("a PROXY header with 35 bytes where its addresses take 36", refused(Bytes.hex(SIGNATURE + "21 21 0023" + "00".repeat(35))));
        assertEquals("a PROXY header with 0 bytes where its addresses take 216", refused(Bytes.hex(SIGNATURE + "21 31 0000")));
    }

    @Test
    void whatIsReadCanBeWrittenAgain() throws IOException {
        for (ProxyHeader header : VALID.values()) {
            assertEquals(header, ProxyHeader.read(new ByteArrayInputStream(header.v1())));
            assertEquals(header, ProxyHeader.read(new ByteArrayInputStream(header.v2())));
        }
    }

    @Test
    void mutatedBytesGiveAHeaderOrAnExceptionOfOurs() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        List<byte[]> valid = List.copyOf(VALID.keySet());
        for (int round = 0; round < 50_000; round++) {
            byte[] bytes = Bytes.concat(valid.get(random.nextInt(valid.size())), NEXT);
            for (int i = random.nextInt(1, 4); i > 0; i--) {
                bytes[random.nextInt(bytes.length)] = (byte) (random.nextBoolean() ? random.nextInt() : ' ' + random.nextInt(90));
            }
            bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
            try {
                ProxyHeader header = ProxyHeader.read(Bytes.inPieces(bytes, random.nextInt(1, 60)));
                header.v1();
                header.v2();
            } catch (ProxyHeaderException | EOFException expected) {
                // What a broken peer or a broken network leads to.
            } catch (IOException | RuntimeException e) {
                fail("seed " + seed + ", round " + round, e);
            }
        }
    }
}
