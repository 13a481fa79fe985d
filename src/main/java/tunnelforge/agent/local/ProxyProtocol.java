package tunnelforge.agent.local;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import tunnelforge.text.Addresses;
import tunnelforge.wire.ProxyHeader;
import tunnelforge.wire.SessionOpen;

/** What the local service is sent before the visitor's bytes. */
public enum ProxyProtocol {
    /** Nothing. */
    NONE,
    /** A line of text. */
    V1,
    /** Binary. */
    V2;

    byte[] header(SessionOpen open) {
        if (this == NONE) {
            return new byte[0];
        }
        ProxyHeader header = ProxyHeader.of(address(open.visitorAddress(), open.visitorPort()), address(open.publicAddress(), open.publicPort()));
        return this == V1 ? header.v1() : header.v2();
    }

    /** Names are not looked up: what is no address is not known. */
    private static InetSocketAddress address(String text, int port) {
        InetAddress address = Addresses.parse(text);
        return address == null ? null : new InetSocketAddress(address, port);
    }
}
