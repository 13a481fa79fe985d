package tunnelforge.agent;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import tunnelforge.cli.ExitException;
import tunnelforge.log.Log;
import tunnelforge.net.Tasks;
import tunnelforge.net.Ticker;

/** A running agent: a program, and for each of its tunnels a keeper on an essential task of its own. */
final class Agent {
    private final AgentProgram program;
    private final List<TunnelKeeper> keepers;
    private final CountDownLatch ended = new CountDownLatch(1);

    /** {@code onDeath} ends the process when a task dies that the agent cannot do without. */
    Agent(AgentConfig config, Log log, Consumer<Throwable> onDeath) throws IOException {
        this(config, log, onDeath, Ticker::new);
    }

    /** {@code clock} makes the ticker, by whose clock all limits are judged. */
    Agent(AgentConfig config, Log log, Consumer<Throwable> onDeath, BiFunction<Tasks, Log, Ticker> clock) throws IOException {
        program = new AgentProgram(config.server(), log, onDeath, clock);
        keepers = config.tunnels().stream().map(tunnel -> new TunnelKeeper(program, tunnel)).toList();
    }

    /**
     * Keeps all tunnels open until {@link #stop}. When one is refused for good the others go on, and this throws when they have ended.
     *
     * @throws ExitException why the first tunnel was refused
     */
    void run() throws ExitException {
        try {
            ExitException refused = awaitAll(keepers.stream().map(this::start).toList());
            if (refused != null) {
                throw refused;
            }
            program.log().info("stopped", "stopped");
        } finally {
            ended.countDown();
        }
    }

    /** Why the first that was refused was; null when all were stopped. */
    private ExitException awaitAll(List<CompletableFuture<ExitException>> running) {
        ExitException refused = null;
        try {
            for (CompletableFuture<ExitException> each : running) {
                ExitException end = await(each);
                refused = refused == null ? end : refused;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            keepers.forEach(TunnelKeeper::stop);
            program.close();
        }
        return refused;
    }

    private CompletableFuture<ExitException> start(TunnelKeeper keeper) {
        CompletableFuture<ExitException> end = new CompletableFuture<>();
        program.tasks().essential("tunnel keeper", () -> {
            try {
                keeper.run();
                end.complete(null);
            } catch (ExitException refused) {
                end.complete(refused);
            } catch (RuntimeException | Error bug) {
                end.completeExceptionally(bug);
                throw bug;
            }
        });
        return end;
    }

    /** Null when the tunnel was stopped. */
    private static ExitException await(CompletableFuture<ExitException> keeper) throws InterruptedException {
        try {
            return keeper.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) e.getCause();
        }
    }

    /** Asks {@link #run} to close the tunnels and return; what is in flight is served first, for 30 seconds at most. */
    void stop() {
        keepers.forEach(TunnelKeeper::stop);
    }

    /** Waits until {@link #run} has returned, or for {@code limit}. */
    boolean awaitEnd(Duration limit) throws InterruptedException {
        return ended.await(limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    AgentProgram program() {
        return program;
    }

    List<TunnelKeeper> keepers() {
        return keepers;
    }
}
