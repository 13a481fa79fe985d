package tunnelforge.agent.tunnel;

import java.io.IOException;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import tunnelforge.cli.HostPort;
import tunnelforge.log.Log;
import tunnelforge.net.Clock;
import tunnelforge.net.Connection;
import tunnelforge.net.Resolver;
import tunnelforge.net.Ticker;

/** The way to the server, for all tunnels. The files of {@link ServerAccess#files} are looked at again for each control connection, and while there is one. */
public final class ServerLink implements AutoCloseable {
    private final ServerAccess access;
    private final Resolver resolver;
    private final Ticker ticker;
    private final Log log;
    private final ExecutorService callbacks = Executors.newVirtualThreadPerTaskExecutor();
    private volatile ServerTls tls;
    /** Why the files could not be loaded again; null when they could. */
    private volatile String failure;

    /**
     * Loads the files.
     *
     * @param access who the server is, and how that is judged
     * @throws IOException saying which file is wrong, and how
     */
    public ServerLink(ServerAccess access, Resolver resolver, Ticker ticker, Log log) throws IOException {
        this.access = access;
        this.resolver = resolver;
        this.ticker = ticker;
        this.log = log;
        this.tls = new ServerTls(access, access.files().load(), callbacks);
    }

    HostPort server() {
        return access.address();
    }

    Clock clock() {
        return ticker.clock();
    }

    /** A new control connection; {@code givenUp} ends the attempt. */
    public ControlConnection openControl(CompletableFuture<?> givenUp) throws IOException {
        return ControlConnection.open(renewed(), URI.create("wss://" + server() + "/_tunnelforge/control"), clock(), givenUp);
    }

    /** Whether something else is in the files than was when a control connection was opened, of which {@code used} is. May take as long as reading them. */
    public boolean isOutdated(ServerTls used) {
        return !renewed().loaded().equals(used.loaded());
    }

    /** With what is in the files now; while one of them is wrong, with what was there before. Several tasks may find a change at once: each has what it found. */
    private ServerTls renewed() {
        ServerTls now = tls;
        try {
            TrustFiles.Loaded found = access.files().load();
            if (!found.equals(now.loaded())) {
                now = new ServerTls(access, found, callbacks);
                tls = now;
                log.info("trust_reloaded", "the CA, or this agent's certificate, has changed; the new one is used from now on");
            }
            failure = null;
        } catch (IOException e) {
            // Once for each failure, not with each attempt to connect.
            if (!String.valueOf(e.getMessage()).equals(failure)) {
                failure = String.valueOf(e.getMessage());
                log.warn("trust_kept", "the CA and this agent's certificate could not be loaded again; the old ones are used", "error", failure);
            }
        }
        return now;
    }

    /** A raw connection, without TLS. */
    Connection connect() throws IOException {
        return Connection.connect(resolver.resolve(server().host(), ServerTls.CONNECT_LIMIT), server().port(), ServerTls.CONNECT_LIMIT, ticker);
    }

    @Override
    public void close() {
        tls.client().shutdownNow();
        callbacks.shutdownNow();
    }
}
