package tunnelforge.agent.tunnel;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import tunnelforge.cli.HostPort;
import tunnelforge.net.Clock;
import tunnelforge.net.Connection;
import tunnelforge.net.Resolver;
import tunnelforge.net.ServerTrust;
import tunnelforge.net.Ticker;
import tunnelforge.text.Addresses;
import tunnelforge.text.HostNames;

/** The way to the server, for all tunnels: one TLS context, so that sessions are resumed, and one HTTP client. */
public final class ServerLink implements AutoCloseable {
    /** To connect, and again for what has to be agreed on. */
    static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);

    private final HostPort server;
    private final SSLContext trust;
    private final SSLParameters parameters;
    private final Resolver resolver;
    private final Ticker ticker;
    private final ExecutorService callbacks = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient client;

    /** {@code access}: who the server is, and how that is judged. */
    public ServerLink(ServerAccess access, Resolver resolver, Ticker ticker) {
        this.server = access.address();
        this.trust = ServerTrust.context(access.trust());
        this.parameters = parameters(access);
        this.resolver = resolver;
        this.ticker = ticker;
        this.client = HttpClient.newBuilder().sslContext(trust).sslParameters(parameters).executor(callbacks)
                .version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT_LIMIT).build();
    }

    /** A server at an address is asked for by its name, where that was given: what stands in front of it may choose by that. A name in the address goes before. */
    private static SSLParameters parameters(ServerAccess access) {
        SSLParameters parameters = ServerTrust.parameters();
        if (Addresses.ofHost(access.address().host()) != null && Addresses.ofHost(access.name()) == null) {
            parameters.setServerNames(List.of(new SNIHostName(HostNames.normalise(access.name()))));
        }
        return parameters;
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
        connection.startTlsClient(trust, parameters, server.host(), server.port());
    }

    @Override
    public void close() {
        client.shutdownNow();
        callbacks.shutdownNow();
    }
}
