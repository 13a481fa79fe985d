package tunnelforge.wire;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import tunnelforge.text.Addresses;

/**
 * The PROXY protocol of HAProxy (proxy-protocol.txt): the first bytes of a relayed connection say who has connected to the relay. Version 1
 * is a line of text, version 2 is binary.
 */
public sealed interface ProxyHeader {
    /** Bytes of a header of version 1, its CRLF included. */
    int MAX_V1 = 107;
    /** Bytes behind the first 16 of a header of version 2: addresses and TLVs. */
    int MAX_V2_REST = 536;

    /** No address is told: the relay itself checks the service, or the connection is of a kind that is not relayed here. */
    ProxyHeader UNKNOWN = new Unknown();

    /**
     * A relayed TCP connection.
     *
     * @param sourcePort 0 to 65535
     * @param destinationPort 0 to 65535
     */
    record Proxied(InetAddress source, int sourcePort, InetAddress destination, int destinationPort) implements ProxyHeader {
        /** Refuses what the wire does not allow: {@link IllegalArgumentException}. */
        public Proxied {
            if (source == null || destination == null) {
                throw new IllegalArgumentException("an address is missing");
            }
            Check.range("source port", sourcePort, 0, 65_535);
            Check.range("destination port", destinationPort, 0, 65_535);
        }

        private boolean ofOneFamily() {
            return source.getAddress().length == destination.getAddress().length;
        }
    }

    /** No address is told: the receiver takes the addresses of the connection itself. */
    record Unknown() implements ProxyHeader {
    }

    /**
     * The header for a connection; {@link #UNKNOWN} unless both addresses are known.
     *
     * @param source who connected; null or unresolved when it is not known
     * @param destination where to; null or unresolved when it is not known
     */
    static ProxyHeader of(InetSocketAddress source, InetSocketAddress destination) {
        if (source == null || source.isUnresolved() || destination == null || destination.isUnresolved()) {
            return UNKNOWN;
        }
        return new Proxied(source.getAddress(), source.getPort(), destination.getAddress(), destination.getPort());
    }

    /**
     * Reads a header of either version, and not one byte of what follows it. The caller sets a deadline around it.
     *
     * @param in the beginning of a connection
     * @return what it says; LOCAL, UNSPEC, UDP and Unix sockets are {@link #UNKNOWN}, TLVs are passed over
     * @throws ProxyHeaderException when there is none, or one that breaks the specification or a limit
     * @throws EOFException when the connection ends before the header does
     */
    static ProxyHeader read(InputStream in) throws IOException {
        return new ProxyHeaderReader(in).read();
    }

    /**
     * The header as a line of text (section 2.1).
     *
     * @return at most {@link #MAX_V1} bytes; {@code UNKNOWN} also where source and destination are of two families
     */
    default byte[] v1() {
        String line = this instanceof Proxied proxied && proxied.ofOneFamily()
                ? "PROXY " + (proxied.source instanceof Inet4Address ? "TCP4 " : "TCP6 ") + Addresses.text(proxied.source) + " " + Addresses.text(proxied.destination)
                        + " " + proxied.sourcePort + " " + proxied.destinationPort + "\r\n"
                : "PROXY UNKNOWN\r\n";
        return line.getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * The header in binary (section 2.2), without TLVs.
     *
     * @return 16, 28 or 52 bytes; LOCAL also where source and destination are of two families
     */
    default byte[] v2() {
        if (!(this instanceof Proxied proxied && proxied.ofOneFamily())) {
            return ProxyHeaderReader.fixedPart(ProxyHeaderReader.LOCAL, ProxyHeaderReader.UNSPEC, 0).array();
        }
        boolean four = proxied.source instanceof Inet4Address;
        ByteBuffer header = ProxyHeaderReader.fixedPart(ProxyHeaderReader.PROXY, four ? ProxyHeaderReader.TCP4 : ProxyHeaderReader.TCP6,
                four ? ProxyHeaderReader.IPV4_ADDRESSES : ProxyHeaderReader.IPV6_ADDRESSES);
        return header.put(proxied.source.getAddress()).put(proxied.destination.getAddress()).putShort((short) proxied.sourcePort)
                .putShort((short) proxied.destinationPort).array();
    }
}
