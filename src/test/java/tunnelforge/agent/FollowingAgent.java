package tunnelforge.agent;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tunnelforge.Eventually;
import tunnelforge.agent.tunnel.AgentId;
import tunnelforge.agent.tunnel.ServerAccess;
import tunnelforge.cli.CommandLine;
import tunnelforge.cli.ExitException;
import tunnelforge.log.RecordingLog;
import tunnelforge.net.ManualClock;
import tunnelforge.net.WatchedFile;

/** An agent in this process that keeps the tunnels of a file, for tests of any package. {@link #close} fails when anything is left in it. */
public final class FollowingAgent implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(2);

    private final RecordingLog log = new RecordingLog();
    private final ManualClock clock = new ManualClock();
    private final Agent agent;
    private final ConfigWatch watch;
    private final CompletableFuture<ExitException> ended = new CompletableFuture<>();

    private FollowingAgent(Path stateDirectory, List<String> words) throws Exception {
        List<String> all = new ArrayList<>(words);
        all.addAll(List.of("--state-dir", stateDirectory.toString()));
        AgentSetup setup = AgentSetup.of(CommandLine.parse(new AgentMain(), all), false);
        WatchedFile file = new WatchedFile(setup.file());
        AgentSetup.Plan plan = setup.begin();
        ServerAccess server = AgentOptions.server(plan.program(), log.log());
        agent = new Agent(new AgentConfig(server, plan.tunnels()), tunnel -> AgentId.own(stateDirectory, AgentOptions.identity(server.address(), tunnel), log.log()), log.log(),
                death -> { }, clock::ticker);
        watch = new ConfigWatch(file, setup, plan, agent);
        Thread.ofPlatform().name("following agent").daemon().start(this::run);
    }

    private void run() {
        try {
            ended.complete(runUntilEnd());
        } catch (RuntimeException | Error bug) {
            ended.completeExceptionally(bug);
        }
    }

    private ExitException runUntilEnd() {
        try (watch) {
            agent.run();
            return null;
        } catch (ExitException e) {
            return e;
        }
    }

    /** Starts an agent by these words, as they are typed behind {@code agent}. */
    public static FollowingAgent start(Path stateDirectory, String... words) throws Exception {
        return new FollowingAgent(stateDirectory, List.of(words));
    }

    public RecordingLog log() {
        return log;
    }

    /** Waits for a tunnel's address; that of the first one of the name. */
    public String url(String tunnel) throws InterruptedException {
        return (String) log.await(entry -> entry.event().equals("tunnel_registered") && entry.fields().get("tunnel").equals(tunnel), "address of " + tunnel, LIMIT).fields().get("url");
    }

    /** How often a tunnel was registered. */
    public long registrations(String tunnel) {
        return log.entries("tunnel_registered").stream().filter(entry -> entry.fields().get("tunnel").equals(tunnel)).count();
    }

    /** Lets so much time pass that the file is looked at; when this returns, it has been. */
    public void look() {
        clock.advance(LOOK_EVERY);
        Eventually.await("it has looked", watch::isNotLooking);
    }

    /** Asks it to end. */
    public void stop() {
        agent.stop();
    }

    /** Waits for the end; null, or why. */
    public ExitException awaitEnd() throws InterruptedException, ExecutionException {
        try {
            return ended.get(LIMIT.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("the agent has not ended; logged: " + log.entries(), e);
        }
    }

    @Override
    public void close() throws Exception {
        stop();
        awaitEnd();
        if (agent.program().tasks().live() != 0 || agent.program().ticker().size() != 0 || agent.program().memory().used() != 0 || !log.entries("internal_error").isEmpty()) {
            throw new AssertionError("left in the agent: " + agent.program().tasks().live() + " tasks, " + agent.program().ticker().size() + " under the ticker, "
                    + agent.program().memory().used() + " bytes; bugs: " + log.entries("internal_error"));
        }
    }
}
