package tunnelforge.agent;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import tunnelforge.agent.local.Target;
import tunnelforge.agent.tunnel.AgentId;
import tunnelforge.agent.tunnel.ServerAccess;
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
import tunnelforge.net.WatchedFile;

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
        return "agent [TARGET | start NAME... | config check] [options]";
    }

    @Override
    public int maxOperands() {
        return 1;
    }

    @Override
    public int maxOperands(String first) {
        return switch (first) {
            case AgentOptions.START -> 1 + TunnelsFile.MAX_TUNNELS;
            case ConfigCheck.CONFIG -> ConfigCheck.OPERANDS;
            default -> maxOperands();
        };
    }

    @Override
    public List<String> operandChoices() {
        return List.of(AgentOptions.START, ConfigCheck.CONFIG);
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
                  agent file:///home/me/site

                Several tunnels stand in a file, by their names: tunnelforge.json in this folder, else in the state
                directory, or what --config names. Without TARGET all of them are opened; start opens some. The agent
                follows the file: what changes there is opened, closed or replaced, other tunnels stay as they are.

                  { "server": "tunnel.example.com:443",
                    "tunnels": { "web": { "target": 8080, "subdomain": "demo" },
                                 "db": { "target": "tcp://localhost:5432" } } }

                  agent start web db
                  agent start --all
                  agent config check""";
    }

    @Override
    public String meant(List<String> words) {
        return OtherWords.meant(words, name());
    }

    @Override
    public int run(CommandLine line) throws UsageException, ExitException, IOException {
        if (ConfigCheck.isAsked(line)) {
            return ConfigCheck.run(line, System.out);
        }
        TlsDefaults.apply();
        boolean attended = Terminal.isInteractive();
        try (Started started = Started.of(line, attended, attended ? Log.Format.TERMINAL : Log.Format.TEXT)) {
            Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("shutdown").unstarted(() -> stop(started.agent)));
            started.agent.run();
        }
        return 0;
    }

    /** An agent that has been told everything, and has not begun to run. {@code watch}: null when it follows no file. */
    private record Started(Agent agent, ConfigWatch watch, Log log) implements AutoCloseable {
        static Started of(CommandLine line, boolean attended, Log.Format format) throws UsageException, IOException {
            AgentSetup setup = AgentSetup.of(line, attended);
            WatchedFile file = setup.followsFile() ? new WatchedFile(setup.file()) : null;
            AgentSetup.Plan plan = setup.begin();
            Log log = plan.program().read(options -> CommonOptions.log(options, format));
            setup.tell(plan, log);
            ServerAccess server = plan.program().read(options -> AgentOptions.server(options, log));
            if (plan.tunnels().stream().anyMatch(tunnel -> tunnel.target() instanceof Target.Directory) && !"UTF-8".equals(System.getProperty("sun.jnu.encoding"))) {
                log.warn("file_names", "files are not found whose names have other letters than ASCII; a UTF-8 locale (LC_ALL=C.UTF-8) changes that");
            }
            Path stateDirectory = CommonOptions.stateDirectory(plan.program());
            Agent agent = new Agent(new AgentConfig(server, plan.tunnels()), tunnel -> AgentId.own(stateDirectory, AgentOptions.identity(server.address(), tunnel), log), log, Launch::died);
            return new Started(agent, file == null ? null : new ConfigWatch(file, setup, plan, agent), log);
        }

        @Override
        public void close() {
            if (watch != null) {
                watch.close();
            }
        }
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
        AgentMain command = new AgentMain();
        Started started = Started.of(CommandLine.parse(command, words), false, Log.Format.TEXT);
        Thread.ofPlatform().daemon().name("agent").start(() -> {
            try (started) {
                started.agent.run();
            } catch (ExitException refused) {
                started.log.error("refused", refused.getMessage().replace("\n", "; "));
            }
        });
        return () -> stop(started.agent);
    }
}
