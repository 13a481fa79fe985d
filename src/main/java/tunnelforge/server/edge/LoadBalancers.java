package tunnelforge.server.edge;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Consumer;
import tunnelforge.net.Connection;
import tunnelforge.server.access.TurnedAway;
import tunnelforge.text.AddressRange;
import tunnelforge.wire.ProxyHeader;

/**
 * What stands in front of the server and says by the PROXY protocol for whom it connects. Nobody else is believed: from other addresses
 * such a header is part of what the visitor says. From these it must come, for whoever may leave it out could send one of its own.
 *
 * @param ranges where they connect from; empty for none
 * @param turnedAway is told of those that do not say it
 */
public record LoadBalancers(List<AddressRange> ranges, TurnedAway turnedAway) {
    /** Serves a connection as that of the visitor for whom it was made. */
    public void serve(Connection connection, Consumer<Connection> as) {
        if (isTrusted(connection.peer().getAddress()) && !receive(connection)) {
            return;
        }
        as.accept(connection);
    }

    private boolean isTrusted(InetAddress peer) {
        return ranges.stream().anyMatch(range -> range.contains(peer));
    }

    private boolean receive(Connection connection) {
        try (Connection.Total limit = connection.within(VisitorLimits.HANDSHAKE)) {
            if (ProxyHeader.read(connection.in()) instanceof ProxyHeader.Proxied from) {
                connection.relayedFor(new InetSocketAddress(from.source(), from.sourcePort()),
                        new InetSocketAddress(from.destination(), from.destinationPort()));
            }
            return true;
        } catch (IOException e) {
            turnedAway.tell("proxy_header_refused", "a load balancer did not say for whom it connects", connection.peer().getAddress(), "error",
                    e.getMessage());
            return false;
        }
    }
}
