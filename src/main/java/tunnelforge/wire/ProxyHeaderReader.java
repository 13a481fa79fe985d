package tunnelforge.wire;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Pattern;
import tunnelforge.text.Addresses;
import tunnelforge.text.Authority;
import tunnelforge.text.Printable;

/** Reads a PROXY header from a stream, and no byte behind it. */
final class ProxyHeaderReader {
    static final int LOCAL = 0x20;
    static final int PROXY = 0x21;
    static final int UNSPEC = 0x00;
    static final int TCP4 = 0x11;
    static final int TCP6 = 0x21;
    static final int IPV4_ADDRESSES = 2 * (4 + 2);
    static final int IPV6_ADDRESSES = 2 * (16 + 2);

    private static final int UDP4 = 0x12;
    private static final int UDP6 = 0x22;
    private static final int UNIX_STREAM = 0x31;
    private static final int UNIX_DATAGRAM = 0x32;
    private static final int UNIX_ADDRESSES = 2 * 108;
    private static final int V2_FIXED = 16;
    private static final int VERSION_2 = 2;

    private static final byte[] V1_SIGNATURE = "PROXY ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] V2_SIGNATURE = "\r\n\r\n\0\r\nQUIT\n".getBytes(StandardCharsets.US_ASCII);
    /** The length of {@code PROXY UNKNOWN} and its CRLF. No header is shorter, so reading that much takes no byte behind it. */
    private static final int SHORTEST = 15;

    private static final Pattern NUMBER = Pattern.compile("0|[1-9][0-9]{0,4}");

    private final InputStream in;
    private final byte[] taken = new byte[V2_FIXED + ProxyHeader.MAX_V2_REST];
    private int count;

    ProxyHeaderReader(InputStream in) {
        this.in = in;
    }

    /** The part of every header of version 2; with room for {@code rest} bytes behind it. */
    static ByteBuffer fixedPart(int versionAndCommand, int family, int rest) {
        return ByteBuffer.allocate(V2_FIXED + rest).put(V2_SIGNATURE).put((byte) versionAndCommand).put((byte) family)
                .putShort((short) rest);
    }

    ProxyHeader read() throws IOException {
        while (count < SHORTEST) {
            takeSome(SHORTEST);
            if (!begins(V1_SIGNATURE) && !begins(V2_SIGNATURE)) {
                throw new ProxyHeaderException("no PROXY header: the connection begins with " + Printable.quotedOctets(new String(taken, 0, count, StandardCharsets.ISO_8859_1)));
            }
        }
        return taken[0] == V1_SIGNATURE[0] ? line() : binary();
    }

    private boolean begins(byte[] signature) {
        int common = Math.min(count, signature.length);
        return Arrays.equals(taken, 0, common, signature, 0, common);
    }

    private void takeSome(int end) throws IOException {
        int read = in.read(taken, count, end - count);
        if (read < 0) {
            throw new EOFException("closed by the peer after " + count + " bytes of a PROXY header");
        }
        count += read;
    }

    private void take(int end) throws IOException {
        while (count < end) {
            takeSome(end);
        }
    }

    // ---- Version 1. ----

    private ProxyHeader line() throws IOException {
        int end = V1_SIGNATURE.length;
        while (taken[end] != '\n') {
            if (++end == ProxyHeader.MAX_V1) {
                throw new ProxyHeaderException("a PROXY line of more than " + ProxyHeader.MAX_V1 + " bytes");
            }
            // One byte at a time: what follows the line is not ours to read.
            take(end + 1);
        }
        String line = new String(taken, 0, end + 1, StandardCharsets.ISO_8859_1);
        if (!line.endsWith("\r\n") || end + 1 < count) {
            throw malformed(line);
        }
        String[] words = line.substring(0, line.length() - 2).split(" ", -1);
        if (words[1].equals("UNKNOWN")) {
            return ProxyHeader.UNKNOWN;
        }
        if (words.length != 6) {
            throw malformed(line);
        }
        boolean ipv6 = words[1].equals("TCP6");
        if (!ipv6 && !words[1].equals("TCP4")) {
            throw malformed(line);
        }
        return new ProxyHeader.Proxied(address(words[2], ipv6, line), port(words[4], line), address(words[3], ipv6, line),
                port(words[5], line));
    }

    private static InetAddress address(String word, boolean ipv6, String line) throws ProxyHeaderException {
        InetAddress address = word.indexOf(':') >= 0 == ipv6 ? Addresses.parse(word) : null;
        if (address == null) {
            throw malformed(line);
        }
        return address;
    }

    private static int port(String word, String line) throws ProxyHeaderException {
        int port = NUMBER.matcher(word).matches() ? Authority.port(word) : Authority.NO_PORT;
        if (port == Authority.NO_PORT) {
            throw malformed(line);
        }
        return port;
    }

    private static ProxyHeaderException malformed(String line) {
        return new ProxyHeaderException("not a PROXY line: " + Printable.quotedOctets(line));
    }

    // ---- Version 2. ----

    private ProxyHeader binary() throws IOException {
        take(V2_FIXED);
        int versionAndCommand = taken[12] & 0xff;
        int family = taken[13] & 0xff;
        int rest = (taken[14] & 0xff) << 8 | taken[15] & 0xff;
        if (versionAndCommand >> 4 != VERSION_2) {
            throw new ProxyHeaderException("a binary PROXY header of version " + (versionAndCommand >> 4) + ", not " + VERSION_2);
        }
        if (versionAndCommand != LOCAL && versionAndCommand != PROXY) {
            throw new ProxyHeaderException("a PROXY header with the command " + (versionAndCommand & 0xf));
        }
        if (rest > ProxyHeader.MAX_V2_REST) {
            throw new ProxyHeaderException("a PROXY header with " + rest + " bytes of addresses and TLVs; the limit is "
                    + ProxyHeader.MAX_V2_REST);
        }
        int addresses = versionAndCommand == LOCAL ? 0 : addressBytes(family);
        if (rest < addresses) {
            throw new ProxyHeaderException("a PROXY header with " + rest + " bytes where its addresses take " + addresses);
        }
        take(V2_FIXED + rest);
        return versionAndCommand == PROXY && (family == TCP4 || family == TCP6) ? proxied((addresses - 4) / 2) : ProxyHeader.UNKNOWN;
    }

    private static int addressBytes(int family) throws ProxyHeaderException {
        return switch (family) {
            case UNSPEC -> 0;
            case TCP4, UDP4 -> IPV4_ADDRESSES;
            case TCP6, UDP6 -> IPV6_ADDRESSES;
            case UNIX_STREAM, UNIX_DATAGRAM -> UNIX_ADDRESSES;
            default -> throw new ProxyHeaderException("a PROXY header with the address family and protocol 0x%02x".formatted(family));
        };
    }

    private ProxyHeader proxied(int length) throws UnknownHostException {
        ByteBuffer addresses = ByteBuffer.wrap(taken, V2_FIXED, count - V2_FIXED);
        byte[] source = new byte[length];
        byte[] destination = new byte[length];
        addresses.get(source).get(destination);
        int sourcePort = addresses.getShort() & 0xffff;
        return new ProxyHeader.Proxied(InetAddress.getByAddress(source), sourcePort, InetAddress.getByAddress(destination),
                addresses.getShort() & 0xffff);
    }
}
