package tunnelforge.agent;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import tunnelforge.cli.ExitException;
import tunnelforge.log.Log;

/** A running agent: a program, and for each of its tunnels a keeper on a platform thread of its own. */
final class Agent {
    private final AgentProgram program;
    private final List<TunnelKeeper> keepers;
    private final CountDownLatch ended = new CountDownLatch(1);

    Agent(AgentConfig config, Log log) {
        program = new AgentProgram(config.server(), log);
        keepers = config.tunnels().stream().map(tunnel -> new TunnelKeeper(program, tunnel)).toList();
    }

    /**
     * Keeps all tunnels open until {@link #stop}. When one is refused for good the others go on, and this throws when they have ended.
     *
     * @throws ExitException why the first tunnel was refused
     */
    void run() throws ExitException {
        List<FutureTask<Void>> running = keepers.stream().map(Agent::start).toList();
        ExitException refused = null;
        try {
            for (FutureTask<Void> each : running) {
                ExitException end = await(each);
                refused = refused == null ? end : refused;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            keepers.forEach(TunnelKeeper::stop);
            program.close();
            ended.countDown();
        }
        if (refused != null) {
            throw refused;
        }
        program.log().info("stopped", "stopped");
    }

    private static FutureTask<Void> start(TunnelKeeper keeper) {
        FutureTask<Void> task = new FutureTask<>(() -> {
            keeper.run();
            return null;
        });
        Thread.ofPlatform().name("tunnel keeper").daemon().start(task);
        return task;
    }

    /** A keeper that fails by a bug ends the program: a tunnel without one would look open and be dead. */
    private static ExitException await(FutureTask<Void> keeper) throws InterruptedException {
        try {
            keeper.get();
            return null;
        } catch (ExecutionException e) {
            return switch (e.getCause()) {
                case ExitException exit -> exit;
                case RuntimeException bug -> throw bug;
                case Error bug -> throw bug;
                default -> throw new IllegalStateException(e.getCause());
            };
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
