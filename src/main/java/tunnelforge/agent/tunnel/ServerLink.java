package tunnelforge.agent.tunnel;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import tunnelforge.cli.HostPort;
import tunnelforge.net.Clock;
import tunnelforge.net.Connection;
import tunnelforge.net.Resolver;
import tunnelforge.net.ServerTrust;
import tunnelforge.net.Ticker;

/** The way to the server, for all tunnels: one TLS context, so that sessions are resumed, and one HTTP client. */
public final class ServerLink implements AutoCloseable {
    /** To connect, and again for what has to be agreed on. */
    static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);

    private final HostPort server;
    private final SSLContext trust;
    private final Resolver resolver;
    private final Ticker ticker;
    private final ExecutorService callbacks = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient client;

    public ServerLink(HostPort server, SSLContext trust, Resolver resolver, Ticker ticker) {
        this.server = server;
        this.trust = trust;
        this.resolver = resolver;
        this.ticker = ticker;
        this.client = HttpClient.newBuilder().sslContext(trust).sslParameters(ServerTrust.parameters()).executor(callbacks)
                .version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT_LIMIT).build();
    }

    HostPort server() {
        return server;
    }

    Clock clock() {
        return ticker.clock();
    }

    /** A new control connection; {@code givenUp} ends the attempt. */
    public ControlConnection openControl(CompletableFuture<?> givenUp) throws IOException {
        return ControlConnection.open(client, URI.create("wss://" + server + "/_tunnelforge/control"), clock(), givenUp);
    }

    /** A raw connection, without TLS. */
    Connection connect() throws IOException {
        return Connection.connect(resolver.resolve(server.host(), CONNECT_LIMIT), server.port(), CONNECT_LIMIT, ticker);
    }

    void startTls(Connection connection) throws IOException {
        connection.startTlsClient(trust, ServerTrust.parameters(), server.host(), server.port());
    }

    @Override
    public void close() {
        client.shutdownNow();
        callbacks.shutdownNow();
    }
}
