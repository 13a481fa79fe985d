package tunnelforge.agent.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import tunnelforge.net.Resolver;
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

    private static InetSocketAddress address(String text, int port) {
        try {
            // Names are not looked up: what is no address is not known.
            return Resolver.isLiteral(text) ? new InetSocketAddress(InetAddress.getByName(text), port) : null;
        } catch (IOException e) {
            return null;
        }
    }
}
