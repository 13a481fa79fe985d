package tunnelforge.agent;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tunnelforge.agent.local.HostHeader;
import tunnelforge.agent.local.ProxyProtocol;
import tunnelforge.agent.local.Target;
import tunnelforge.agent.tunnel.AgentId;
import tunnelforge.cli.Command;
import tunnelforge.cli.CommandLine;
import tunnelforge.cli.CommonOptions;
import tunnelforge.cli.ExitException;
import tunnelforge.cli.HostPort;
import tunnelforge.cli.Launch;
import tunnelforge.cli.Option;
import tunnelforge.cli.UsageException;
import tunnelforge.log.Log;
import tunnelforge.net.Pem;
import tunnelforge.net.Pin;
import tunnelforge.net.TlsDefaults;
import tunnelforge.wire.TunnelProtocol;

/** The agent program. */
public final class AgentMain implements Command {
    private static final int HTTPS = 443;
    /** In-flight requests get 30 seconds, and the goodbye a little more. */
    private static final Duration STOP_LIMIT = Duration.ofSeconds(35);
    private static final List<Option> OPTIONS = List.of(
            Option.one("--server", "HOST:PORT", "the server; also $TUNNELFORGE_SERVER, or agent.json in the state directory"),
            Option.one("--token", "TOKEN", "opens tunnels there; also $TUNNELFORGE_TOKEN, or agent.json"),
            Option.one("--protocol", "http|https|tcp|tls", "what visitors use; https unless given, tcp for a tcp:// target"),
            Option.one("--remote-port", "PORT", "the server's port to ask for, for a tcp tunnel"),
            Option.one("--proxy-protocol", "1|2", "tell the local service of a tcp or tls tunnel who has come, by the PROXY protocol"),
            Option.one("--subdomain", "NAME", "the name to ask for below the server's domain"),
            Option.one("--hostname", "NAME", "a host name of your own to ask for"),
            Option.one("--host-header", "VALUE|rewrite|preserve",
                    "the Host that the local service sees: this one, the target's, or the visitor's (unless given)"),
            Option.flag("--upstream-insecure", "accept any certificate of an https:// target"),
            Option.one("--ca", "FILE", "the CA (PEM) that the server's certificate comes from; the JDK's unless given"),
            Option.many("--pin", "sha256/...", "the key that the server, or its CA, must have; as the server printed it"),
            Option.one("--server-name", "NAME", "the name that the server's certificate must be for; HOST unless given"),
            CommonOptions.STATE_DIR, CommonOptions.LOG_FORMAT, CommonOptions.LOG_LEVEL);

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
        return OPTIONS;
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
    public int run(CommandLine line) throws UsageException, ExitException, IOException {
        TlsDefaults.apply();
        Log log = CommonOptions.log(line);
        AgentConfig config = config(line, log);
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
        CommandLine line = CommandLine.parse(OPTIONS, 1, words);
        Log log = CommonOptions.log(line);
        Agent agent = new Agent(config(line, log), log, Launch::died);
        Thread.ofPlatform().daemon().name("agent").start(() -> {
            try {
                agent.run();
            } catch (ExitException refused) {
                log.error("refused", refused.getMessage());
            }
        });
        return () -> stop(agent);
    }

    private static AgentConfig config(CommandLine line, Log log) throws UsageException, IOException {
        if (line.operands().isEmpty()) {
            throw new UsageException("the local service is missing: write agent 8080");
        }
        Target target = Target.parse(line.operands().get(0));
        TunnelProtocol protocol = protocol(line, target);
        AgentFile file = AgentFile.read(CommonOptions.stateDirectory(line));
        HostPort server = server(line, file);
        // A token is shown to no server but the one that it is for.
        boolean fileIsForIt = file.server() == null || HostPort.parse(file.server(), HTTPS).equals(server);
        String token = first(line.value("--token"), environment("TUNNELFORGE_TOKEN"), fileIsForIt ? file.token() : null);
        if (token == null) {
            throw new UsageException((file.token() == null ? "no token" : "no token for " + server + " (agent.json has one for "
                    + file.server() + ")") + ": give --token, as the server printed it on its start");
        }
        List<Pin> pins = pins(line);
        Path ca = line.has("--ca") ? Path.of(line.value("--ca")) : fileIsForIt && pins.isEmpty() ? file.ca() : null;
        AgentConfig.Trust trust = new AgentConfig.Trust(ca == null ? null : Pem.certificates(ca), pins, line.value("--server-name", server.host()));
        AgentConfig.Asked asked = new AgentConfig.Asked(protocol, line.value("--subdomain"), line.value("--hostname"), remotePort(line, protocol));
        AgentConfig.Local local = new AgentConfig.Local(hostHeader(line, target), !line.has("--upstream-insecure"), proxyProtocol(line, protocol));
        AgentId id = AgentId.own(CommonOptions.stateDirectory(line), List.of(target.toString(), server.toString(), name(line), protocol.wireName()),
                log);
        return new AgentConfig(new AgentConfig.Server(server, token, trust), List.of(new AgentConfig.Tunnel(asked, target, local, id)));
    }

    /** What is asked for, whichever way. */
    private static String name(CommandLine line) {
        return line.value("--hostname", line.value("--subdomain", line.value("--remote-port", "")));
    }

    private static HostPort server(CommandLine line, AgentFile file) throws UsageException {
        String text = first(line.value("--server"), environment("TUNNELFORGE_SERVER"), file.server());
        if (text == null) {
            throw new UsageException("no server: give --server HOST:PORT, or start a server as the same user on this machine first");
        }
        return HostPort.parse(text, HTTPS);
    }

    private static List<Pin> pins(CommandLine line) throws UsageException {
        List<Pin> pins = new ArrayList<>();
        for (String text : line.values("--pin")) {
            try {
                pins.add(Pin.parse(text));
            } catch (IllegalArgumentException e) {
                throw new UsageException("--pin: " + e.getMessage());
            }
        }
        return pins;
    }

    private static TunnelProtocol protocol(CommandLine line, Target target) throws UsageException {
        boolean tcp = line.operands().get(0).startsWith("tcp:");
        String asked = line.value("--protocol", (tcp ? TunnelProtocol.TCP : TunnelProtocol.HTTPS).wireName());
        TunnelProtocol protocol = TunnelProtocol.of(asked);
        if (protocol == null) {
            throw new UsageException("--protocol takes http, https, tcp or tls, not '" + asked + "'");
        }
        if (protocol.carriesSessions() && target instanceof Target.Directory) {
            throw new UsageException("a directory is shown by http or https, not by " + protocol);
        }
        if (tcp && !protocol.carriesSessions()) {
            throw new UsageException("a tcp:// target goes with --protocol tcp or tls, not with " + protocol);
        }
        return protocol;
    }

    private static Integer remotePort(CommandLine line, TunnelProtocol protocol) throws UsageException {
        if (!line.has("--remote-port")) {
            return null;
        }
        if (protocol != TunnelProtocol.TCP) {
            throw new UsageException("--remote-port is for tcp tunnels; this one is " + protocol);
        }
        return line.integer("--remote-port", 1, 65535, 0);
    }

    private static ProxyProtocol proxyProtocol(CommandLine line, TunnelProtocol protocol) throws UsageException {
        if (!line.has("--proxy-protocol")) {
            return ProxyProtocol.NONE;
        }
        if (!protocol.carriesSessions()) {
            throw new UsageException("--proxy-protocol is for tcp and tls tunnels; an http or https one tells by X-Forwarded-For");
        }
        return line.integer("--proxy-protocol", 1, 2, 0) == 1 ? ProxyProtocol.V1 : ProxyProtocol.V2;
    }

    private static HostHeader hostHeader(CommandLine line, Target target) throws UsageException {
        String asked = line.value("--host-header", "preserve");
        if (asked.chars().anyMatch(c -> c <= ' ' || c >= 0x7f)) {
            throw new UsageException("--host-header takes a host name, rewrite or preserve");
        }
        return switch (asked) {
            case "preserve" -> HostHeader.PRESERVE;
            case "rewrite" -> new HostHeader(target.authority());
            default -> new HostHeader(asked);
        };
    }

    private static String first(String... values) {
        for (String value : values) {
            if (value != null) {
                return value;
            }
        }
        return null;
    }

    private static String environment(String name) {
        String value = System.getenv(name);
        return value == null || value.isEmpty() ? null : value;
    }
}
