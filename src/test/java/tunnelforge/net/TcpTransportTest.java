package tunnelforge.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketOption;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TcpTransportTest {
    /** A peer that has closed answers with a reset then, one that waits does not; the system's own two hours would be too long. */
    @Test
    void aProbedPeerIsAskedWithinSeconds() throws Exception {
        try (ServerSocketChannel listener = ServerSocketChannel.open()) {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            try (SocketChannel channel = SocketChannel.open(listener.getLocalAddress())) {
                Optional<SocketOption<?>> idle = channel.supportedOptions().stream().filter(option -> option.name().equals("TCP_KEEPIDLE")).findFirst();
                assumeTrue(idle.isPresent(), "this system has no such option");
                TcpTransport transport = new TcpTransport(channel);
                transport.probe(20, 4);
                assertEquals(20, channel.getOption(idle.get()));
                transport.close();
                transport.probe(20, 4);
            }
        }
    }
}
