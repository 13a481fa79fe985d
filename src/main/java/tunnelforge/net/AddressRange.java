package tunnelforge.net;

import java.net.InetAddress;
import tunnelforge.text.Addresses;
import tunnelforge.text.Printable;

/**
 * Addresses that begin with the same bits (RFC 4632).
 *
 * @param network any address of the range
 * @param prefix how many bits are the same: 0 to 32, or to 128
 */
public record AddressRange(InetAddress network, int prefix) {
    /** Refuses a prefix that is longer than the address: {@link IllegalArgumentException}. */
    public AddressRange {
        if (prefix < 0 || prefix > 8 * network.getAddress().length) {
            throw new IllegalArgumentException("a prefix of " + prefix + " bits for " + Addresses.text(network));
        }
    }

    /**
     * Reads {@code 10.0.0.0/8}, {@code 2001:db8::/32}, or one address.
     *
     * @throws IllegalArgumentException when it is none
     */
    public static AddressRange parse(String text) {
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        String digits = slash < 0 ? "" : text.substring(slash + 1);
        InetAddress network = Addresses.parse(address);
        if (network != null && (slash < 0 || digits.matches("[0-9]{1,3}"))) {
            return new AddressRange(network, slash < 0 ? 8 * network.getAddress().length : Integer.parseInt(digits));
        }
        throw new IllegalArgumentException("addresses are written 10.0.0.0/8, 2001:db8::/32 or 192.0.2.1, not " + Printable.quoted(text));
    }

    /** Whether an address is one of them; one of the other family is not. */
    public boolean contains(InetAddress address) {
        byte[] a = network.getAddress();
        byte[] b = address.getAddress();
        if (a.length != b.length) {
            return false;
        }
        for (int bit = 0; bit < prefix; bit += 8) {
            int mask = prefix - bit >= 8 ? 0xff : 0xff00 >> prefix - bit & 0xff;
            if (((a[bit / 8] ^ b[bit / 8]) & mask) != 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return Addresses.text(network) + '/' + prefix;
    }
}
