package tunnelforge.agent.tunnel;

import java.io.IOException;
import tunnelforge.cli.HostPort;
import tunnelforge.net.Clock;
import tunnelforge.net.Connection;
import tunnelforge.net.Resolver;
import tunnelforge.net.Ticker;

/** The way to the server, for connections of both kinds. */
public final class ServerRoute {
    private final HostPort server;
    private final Resolver resolver;
    private final Ticker ticker;

    ServerRoute(HostPort server, Resolver resolver, Ticker ticker) {
        this.server = server;
        this.resolver = resolver;
        this.ticker = ticker;
    }

    HostPort server() {
        return server;
    }

    Clock clock() {
        return ticker.clock();
    }

    /** A raw connection, on which {@link #start} is to follow. */
    Connection connect() throws IOException {
        return Connection.connect(resolver.resolve(server.host(), ServerTls.CONNECT_LIMIT), server.port(), ServerTls.CONNECT_LIMIT, ticker);
    }

    /** Speaks TLS with the server. The caller sets a limit around it. */
    void start(Connection connection, ServerTls tls) throws IOException {
        tls.start(connection);
    }
}
