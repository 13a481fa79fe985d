package tunnelforge.agent.tunnel;

import java.io.IOException;
import tunnelforge.agent.proxy.Proxy;
import tunnelforge.agent.proxy.ProxyException;
import tunnelforge.agent.proxy.ProxyWay;
import tunnelforge.cli.HostPort;
import tunnelforge.net.Clock;
import tunnelforge.net.Connection;
import tunnelforge.net.Resolver;
import tunnelforge.net.Ticker;

/** The way to the server, for connections of both kinds: straight there, or through a proxy. */
public final class ServerRoute {
    private final HostPort server;
    private final Proxy proxy;
    private final Resolver resolver;
    private final Ticker ticker;

    /** {@code proxy}: null for none. */
    ServerRoute(HostPort server, Proxy proxy, Resolver resolver, Ticker ticker) {
        this.server = server;
        this.proxy = proxy;
        this.resolver = resolver;
        this.ticker = ticker;
    }

    HostPort server() {
        return server;
    }

    Clock clock() {
        return ticker.clock();
    }

    /** A raw connection, to the server or the proxy; {@link #start} is to follow. */
    Connection connect() throws IOException {
        if (proxy == null) {
            return connect(server);
        }
        try {
            return connect(proxy.address());
        } catch (IOException e) {
            throw ProxyException.unreachable(proxy, Trouble.reason(e));
        }
    }

    private Connection connect(HostPort to) throws IOException {
        return Connection.connect(resolver.resolve(to.host(), ServerTls.CONNECT_LIMIT), to.port(), ServerTls.CONNECT_LIMIT, ticker);
    }

    /** Speaks TLS with the server. The caller sets a limit around it. */
    void start(Connection connection, ServerTls tls) throws IOException {
        pass(connection);
        tls.start(connection);
    }

    private void pass(Connection connection) throws ProxyException {
        if (proxy != null) {
            ProxyWay.open(proxy, connection, server);
        }
    }

    /**
     * A connection that leads to the server, without TLS.
     *
     * @throws ProxyException when a proxy does not lead there
     */
    public Connection reach() throws IOException {
        Connection connection = connect();
        try {
            pass(connection);
            return connection;
        } catch (IOException | RuntimeException | Error e) {
            connection.kill();
            throw e;
        }
    }
}
