package tunnelforge.text;

import java.net.Inet4Address;
import java.net.InetAddress;

/**
 * Addresses that begin with the same bits (RFC 4632).
 */
public final class AddressRange {
    /** Before an address of IPv4 that is written in IPv6. */
    private static final int MAPPED_BITS = 96;

    private final InetAddress network;
    /** Of the network: each look at it there makes a copy. */
    private final byte[] bytes;
    private final int prefix;

    /** {@code network}: any address of the range; {@code prefix}: how many bits are the same. */
    private AddressRange(InetAddress network, int prefix) {
        this.network = network;
        this.bytes = network.getAddress();
        this.prefix = prefix;
        if (prefix < 0 || prefix > 8 * bytes.length) {
            throw new IllegalArgumentException("a prefix of " + prefix + " bits for " + Addresses.text(network));
        }
    }

    /**
     * Reads {@code 10.0.0.0/8}, {@code 2001:db8::/32}, or one address. Addresses of IPv4 may be written as IPv6 ({@code ::ffff:10.0.0.0/104}, RFC 4291
     * section 2.5.5.2): they are IPv4 here, as those of connections are.
     *
     * @throws IllegalArgumentException when it is none
     */
    public static AddressRange parse(String text) {
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        String digits = slash < 0 ? "" : text.substring(slash + 1);
        InetAddress network = Addresses.parse(address);
        if (network == null || slash >= 0 && !digits.matches("[0-9]{1,3}")) {
            throw new IllegalArgumentException("addresses are written 10.0.0.0/8, 2001:db8::/32 or 192.0.2.1, not " + Printable.quoted(text));
        }
        int whole = 8 * network.getAddress().length;
        boolean mapped = network instanceof Inet4Address && address.indexOf(':') >= 0;
        int prefix = slash < 0 ? whole : Integer.parseInt(digits) - (mapped ? MAPPED_BITS : 0);
        if (mapped && prefix < 0) {
            throw new IllegalArgumentException(Printable.quoted(text) + " is more than IPv4; write 0.0.0.0/0 for all of that");
        }
        return new AddressRange(network, prefix);
    }

    /** Any address of the range. */
    public InetAddress network() {
        return network;
    }

    /** Whether an address is one of them; one of the other family is not. */
    public boolean contains(InetAddress address) {
        byte[] asked = address.getAddress();
        if (asked.length != bytes.length) {
            return false;
        }
        for (int bit = 0; bit < prefix; bit += 8) {
            int mask = prefix - bit >= 8 ? 0xff : 0xff00 >> prefix - bit & 0xff;
            if (((bytes[bit / 8] ^ asked[bit / 8]) & mask) != 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AddressRange range && prefix == range.prefix && network.equals(range.network);
    }

    @Override
    public int hashCode() {
        return 31 * network.hashCode() + prefix;
    }

    @Override
    public String toString() {
        return Addresses.text(network) + (prefix == 8 * bytes.length ? "" : "/" + prefix);
    }
}
