package tunnelforge.agent;

import java.io.IOException;
import java.time.Duration;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import tunnelforge.agent.traffic.Deflaters;
import tunnelforge.agent.tunnel.ServerAccess;
import tunnelforge.agent.tunnel.ServerLink;
import tunnelforge.log.Log;
import tunnelforge.net.Ledger;
import tunnelforge.net.Resolver;
import tunnelforge.net.Tasks;
import tunnelforge.net.Ticker;

/** What all tunnels of an agent share. Whoever made it closes it when every tunnel has ended. */
final class AgentProgram implements AutoCloseable {
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    private final ServerAccess server;
    private final Log log;
    private final Ticker ticker;
    private final Tasks tasks;
    private final Resolver resolver = new Resolver();
    private final Ledger memory = Ledger.ofProgram();
    private final Deflaters deflaters = new Deflaters();
    private final ServerLink link;
    private volatile boolean reached;

    /** Fails when a file with what is to be trusted, or shown, cannot be loaded. */
    AgentProgram(ServerAccess server, Log log, Consumer<Throwable> onDeath, BiFunction<Tasks, Log, Ticker> clock) throws IOException {
        this.server = server;
        this.log = log;
        this.tasks = new Tasks(log, onDeath);
        this.ticker = clock.apply(tasks, log);
        try {
            this.link = new ServerLink(server, resolver, ticker, tasks, log);
        } catch (IOException e) {
            ticker.close();
            throw e;
        }
    }

    ServerAccess server() {
        return server;
    }

    Log log() {
        return log;
    }

    Ticker ticker() {
        return ticker;
    }

    Tasks tasks() {
        return tasks;
    }

    Resolver resolver() {
        return resolver;
    }

    Ledger memory() {
        return memory;
    }

    Deflaters deflaters() {
        return deflaters;
    }

    ServerLink link() {
        return link;
    }

    /** Whether the server was reached, and trusted, by any tunnel. */
    boolean hasReached() {
        return reached;
    }

    void reached() {
        reached = true;
    }

    @Override
    public void close() {
        resolver.close();
        try {
            if (!tasks.awaitNone(CLOSE_LIMIT)) {
                log.warn("tasks_left", "some tasks have not ended in time", "count", tasks.live());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        ticker.close();
    }
}
