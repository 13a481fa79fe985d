package tunnelforge.agent;

import java.io.IOException;
import java.time.Duration;
import tunnelforge.cli.Launch;
import tunnelforge.cli.UsageException;
import tunnelforge.log.Log;
import tunnelforge.net.Recurring;
import tunnelforge.net.WatchedFile;

/** Has the agent keep the tunnels that its file has, whenever that has changed. A file with a mistake changes nothing; what is so for all tunnels changes with the next start. */
final class ConfigWatch implements AutoCloseable {
    private static final Duration LOOK_EVERY = Duration.ofSeconds(2);

    private final AgentSetup setup;
    private final AgentSetup.Plan first;
    private final Agent agent;
    private final Log log;
    private final Recurring looking;

    /**
     * Watches until {@link #close}.
     *
     * @param file as it was before {@code first} was read from it
     * @param first what the agent was started with
     */
    ConfigWatch(WatchedFile file, AgentSetup setup, AgentSetup.Plan first, Agent agent) {
        this.setup = setup;
        this.first = first;
        this.agent = agent;
        log = agent.program().log();
        looking = new Recurring("config file", LOOK_EVERY, () -> file.look(this::read, this::unread), agent.program().tasks(), agent.program().ticker());
    }

    private void read() throws IOException {
        AgentSetup.Plan plan;
        try {
            plan = setup.again();
        } catch (UsageException e) {
            throw new IOException(e.getMessage(), e);
        }
        log.info("config_loaded", setup.file() + " was read again; tunnels in it that are to be open: " + plan.tunnels().size(), "file", setup.file());
        if (!plan.program().agreesWith(first.program(), AgentOptions.PROGRAM)) {
            log.warn("config_needs_restart", "what " + setup.file() + " says for all tunnels (server, token, trust, log) has changed: that needs a restart of the agent", "file", setup.file());
        }
        agent.keep(plan.tunnels());
    }

    private void unread(IOException e) {
        log.warn("config_kept", setup.file() + " is not used as it is now; the tunnels stay as they are", "error", Launch.describe(e).replace("\n", "; "));
    }

    /** Whether no look at the file is under way. */
    boolean isNotLooking() {
        return looking.isIdle();
    }

    @Override
    public void close() {
        looking.close();
    }
}
