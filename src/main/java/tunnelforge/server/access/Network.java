package tunnelforge.server.access;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/** What counts as one address: one of IPv4, and of IPv6 the 64 bits that one visitor is given whole. */
public record Network(boolean v4, long bits) {
    /** That of an address. */
    public static Network of(InetAddress address) {
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
        return address instanceof Inet4Address ? new Network(true, bytes.getInt()) : new Network(false, bytes.getLong());
    }

    /** Its first address. */
    InetAddress address() {
        try {
            return InetAddress.getByAddress(v4 ? ByteBuffer.allocate(4).putInt((int) bits).array() : ByteBuffer.allocate(16).putLong(bits).array());
        } catch (UnknownHostException e) {
            throw new IllegalStateException("4 and 16 bytes are an address", e);
        }
    }
}
