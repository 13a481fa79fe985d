package tunnelforge.agent.tunnel;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import tunnelforge.log.Log;
import tunnelforge.net.Resolver;
import tunnelforge.net.Tasks;
import tunnelforge.net.Ticker;

/** The server, for all tunnels. The files of {@link ServerAccess#files} are looked at again for each control connection, and while there is one. */
public final class ServerLink {
    private final ServerAccess access;
    private final ServerRoute route;
    private final Tasks tasks;
    private final Log log;
    private volatile ServerTls tls;
    /** Why the files could not be loaded again; null when they could. */
    private volatile String failure;

    /**
     * Loads the files.
     *
     * @param access who the server is, and how that is judged
     * @throws IOException saying which file is wrong, and how
     */
    public ServerLink(ServerAccess access, Resolver resolver, Ticker ticker, Tasks tasks, Log log) throws IOException {
        this.access = access;
        this.route = new ServerRoute(access.address(), access.proxy(), resolver, ticker);
        this.tasks = tasks;
        this.log = log;
        this.tls = new ServerTls(access, access.files().load());
    }

    /** The way there, without TLS. */
    public ServerRoute route() {
        return route;
    }

    /** A new control connection; {@code givenUp} ends the attempt. */
    public ControlConnection openControl(CompletableFuture<?> givenUp) throws IOException {
        return ControlConnection.open(route, renewed(), tasks, givenUp);
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
                now = new ServerTls(access, found);
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
}
