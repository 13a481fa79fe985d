package tunnelforge.agent;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import tunnelforge.agent.local.Target;
import tunnelforge.cli.Command;
import tunnelforge.cli.CommandLine;
import tunnelforge.cli.CommonOptions;
import tunnelforge.cli.ExitException;
import tunnelforge.cli.Launch;
import tunnelforge.cli.Option;
import tunnelforge.cli.Terminal;
import tunnelforge.cli.UsageException;
import tunnelforge.log.Log;
import tunnelforge.net.TlsDefaults;

/** The agent program. */
public final class AgentMain implements Command {
    /** In-flight requests get 30 seconds, and the goodbye a little more. */
    private static final Duration STOP_LIMIT = Duration.ofSeconds(35);

    /** The command. */
    public AgentMain() {
    }

    /** Runs an agent and ends the process. */
    public static void main(String[] args) {
        Launch.main(new AgentMain(), args);
    }

    @Override
    public String name() {
        return "agent";
    }

    @Override
    public String summary() {
        return "give a local service a public address";
    }

    @Override
    public String usage() {
        return "agent TARGET [options]";
    }

    @Override
    public int maxOperands() {
        return 1;
    }

    @Override
    public List<Option> options() {
        return AgentOptions.ALL;
    }

    @Override
    public String description() {
        return """
                TARGET is the local service: a port of this machine, HOST:PORT, http://HOST[:PORT], https://HOST[:PORT],
                or unix:/PATH for one that listens on a Unix-domain socket. With file:///DIR there is none: the agent
                shows the files of this directory (no hidden ones but .well-known, no links that lead out of it).

                  agent 8080
                  agent 8080 --server tunnel.example.com:443 --token tf_... --pin sha256/...
                  agent https://intranet:8443 --subdomain demo --host-header rewrite
                  agent file:///home/me/site""";
    }

    @Override
    public String meant(List<String> words) {
        return OtherWords.meant(words, name());
    }

    @Override
    public int run(CommandLine line) throws UsageException, ExitException, IOException {
        TlsDefaults.apply();
        boolean attended = Terminal.isInteractive();
        Log log = CommonOptions.log(line, attended ? Log.Format.TERMINAL : Log.Format.TEXT);
        AgentConfig config = AgentOptions.config(line, attended, log);
        if (config.tunnels().stream().anyMatch(tunnel -> tunnel.target() instanceof Target.Directory) && !"UTF-8".equals(System.getProperty("sun.jnu.encoding"))) {
            log.warn("file_names", "files are not found whose names have other letters than ASCII; a UTF-8 locale (LC_ALL=C.UTF-8) changes that");
        }
        Agent agent = new Agent(config, log, Launch::died);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("shutdown").unstarted(() -> stop(agent)));
        agent.run();
        return 0;
    }

    private static void stop(Agent agent) {
        agent.stop();
        try {
            agent.awaitEnd(STOP_LIMIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** An agent within another program, until it is closed. */
    public interface Running extends AutoCloseable {
        @Override
        void close();
    }

    /** Starts an agent, which goes on trying to open its tunnel. {@code words} are as on the command line. */
    public static Running start(List<String> words) throws UsageException, IOException {
        TlsDefaults.apply();
        CommandLine line = CommandLine.parse(AgentOptions.ALL, 1, words);
        Log log = CommonOptions.log(line);
        Agent agent = new Agent(AgentOptions.config(line, false, log), log, Launch::died);
        Thread.ofPlatform().daemon().name("agent").start(() -> {
            try {
                agent.run();
            } catch (ExitException refused) {
                log.error("refused", refused.getMessage().replace("\n", "; "));
            }
        });
        return () -> stop(agent);
    }
}
