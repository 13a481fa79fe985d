package tunnelforge.agent;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import tunnelforge.agent.local.HostHeader;
import tunnelforge.agent.local.ProxyProtocol;
import tunnelforge.agent.local.Target;
import tunnelforge.agent.proxy.ProxyChoice;
import tunnelforge.agent.tunnel.ServerAccess;
import tunnelforge.agent.tunnel.TrustFiles;
import tunnelforge.cli.CommandLine;
import tunnelforge.cli.CommonOptions;
import tunnelforge.cli.ConfigFile;
import tunnelforge.cli.HostPort;
import tunnelforge.cli.Option;
import tunnelforge.cli.UsageException;
import tunnelforge.log.Log;
import tunnelforge.net.Pin;
import tunnelforge.net.ServerTrust;
import tunnelforge.text.AccessToken;
import tunnelforge.text.Printable;
import tunnelforge.wire.TunnelProtocol;

/** The agent's options, and what they make together with the environment and {@code agent.json}. */
final class AgentOptions {
    /** Which server, and what to trust there. */
    static final List<Option> SERVER = List.of(
            Option.one("--server", "HOST:PORT", "the server; also $TUNNELFORGE_SERVER, or agent.json in the state directory"),
            Option.one("--token", "TOKEN", "opens tunnels there; also $TUNNELFORGE_TOKEN, or agent.json"),
            Option.one("--ca", "FILE", "the CA (PEM) that the server's certificate comes from; the JDK's unless given"),
            Option.many("--pin", "sha256/...", "the key that the server, or its CA, must have; as the server printed it"),
            Option.one("--cert", "FILE", "the certificate chain (PEM) to show to a server that asks agents for one (its --client-ca), with --key"),
            Option.one("--key", "FILE", "the private key (PEM) of that certificate"),
            Option.one("--server-name", "NAME", "the name that the server's certificate must be for; HOST unless given"),
            ProxyChoice.OPTION);

    private static final List<Option> TUNNEL = List.of(
            Option.one("--protocol", "http|https|tcp|tls", "what visitors use; https unless given, tcp for a tcp:// target"),
            Option.one("--remote-port", "PORT", "the server's port to ask for, for a tcp tunnel"),
            Option.one("--proxy-protocol", "1|2", "tell the local service of a tcp or tls tunnel who has come, by the PROXY protocol"),
            Option.one("--subdomain", "NAME", "the name to ask for below the server's domain"),
            Option.one("--hostname", "NAME", "a host name of your own to ask for"),
            Option.one("--host-header", "VALUE|rewrite|preserve",
                    "the Host that the local service sees: this one, the target's, or the visitor's (unless given); with the first two, addresses in heads are rewritten both ways"),
            Option.flag("--dev", "for a development server: when it refuses the Host or Origin of visitors, as Vite, webpack-dev-server, Jupyter and MCP servers do, --host-header rewrite from then on"),
            Option.one("--circuit-breaker", "FAILURES",
                    "after so many failures in a row to connect to the local service, or to get an answer in time, tell visitors so at once for a while; never unless given"),
            Option.many("--basic-auth", "USER:PASSWORD", "ask visitors for this; also $TUNNELFORGE_BASIC_AUTH, one a line, which other users of this machine do not see"),
            Option.many("--allow", "CIDR", "let visitors in from these addresses only: 10.0.0.0/8, 2001:db8::/32, 192.0.2.1"),
            Option.many("--deny", "CIDR", "let no visitors in from these addresses, allowed or not"),
            Option.flag("--requests", "tell each request in a line, as is done at a terminal"),
            Option.flag("--quiet", "tell none, at a terminal either"),
            Option.flag("--upstream-insecure", "accept any certificate of an https:// target"));

    /** Of a local service, in a row. */
    private static final int MAX_FAILURES = 1_000;

    /** What is so for all tunnels. */
    static final List<Option> PROGRAM = Stream.of(SERVER, CommonOptions.ALL).flatMap(List::stream).toList();

    /** The word before names of tunnels. */
    static final String START = "start";

    /** Which tunnels are opened. */
    private static final List<Option> WHICH = List.of(CommonOptions.CONFIG, Option.flag("--all", "with " + START + ": all tunnels of the file"));

    static final List<Option> ALL = Stream.of(SERVER, TUNNEL, TrafficOptions.ALL, WHICH, CommonOptions.ALL).flatMap(List::stream).toList();

    /** What may be another for each tunnel. */
    static final List<Option> OF_TUNNEL = ALL.stream().filter(option -> !PROGRAM.contains(option) && !WHICH.contains(option)).toList();

    /** What a file may say. */
    static final List<Option> OF_FILE = Stream.of(PROGRAM, OF_TUNNEL).flatMap(List::stream).toList();

    /** Of each, one says in another way what the other does: who is given one of them does not mean what is said elsewhere of the other. */
    private static final List<List<String>> EITHER = List.of(List.of("--requests", "--quiet"), List.of("--subdomain", "--hostname"), List.of("--host-header", "--dev"), List.of("--pin", "--ca"));

    private AgentOptions() {
    }

    /** What is said in one place, and from another place what that leaves open. */
    static CommandLine over(CommandLine first, CommandLine others) {
        List<String> hidden = EITHER.stream().filter(either -> either.stream().anyMatch(first::isGiven)).flatMap(List::stream).toList();
        return first.over(others.without(hidden));
    }

    /**
     * All that a tunnel is told.
     *
     * @param name by which a file has it; null for the command line's
     * @param line with the target as its operand
     * @param attended by a person at a terminal
     */
    static AgentConfig.Tunnel tunnel(String name, CommandLine line, boolean attended) throws UsageException {
        Target target = Target.parse(line.operands().get(0));
        TunnelProtocol protocol = protocol(line, target);
        AgentConfig.Asked asked = new AgentConfig.Asked(protocol, line.value("--subdomain"), line.value("--hostname"), remotePort(line, protocol),
                VisitorOptions.of(line, environment(VisitorOptions.BASIC_AUTH_VARIABLE), protocol));
        AgentConfig.Local local = new AgentConfig.Local(hostHeader(line, target, protocol), !line.has("--upstream-insecure"), proxyProtocol(line, protocol), circuitBreaker(line, target),
                TrafficOptions.of(line, protocol, target));
        AgentConfig.Tells tells = new AgentConfig.Tells(requests(line, attended), attended);
        return new AgentConfig.Tunnel(name, asked, target, local, tells);
    }

    /** Whether what is given of the options for all tunnels is right, whatever else there is. */
    static void check(CommandLine line) throws UsageException {
        try {
            address(line.value("--server", "localhost"));
        } catch (UsageException e) {
            throw new UsageException("--server: " + e.getMessage());
        }
        String problem = line.has("--token") ? AccessToken.problem(line.value("--token")) : null;
        if (problem != null) {
            throw new UsageException("--token: " + problem);
        }
        line.values("--pin", Pin::parse);
        files(line, null, null);
        if (line.has("--server-name")) {
            requireServerName(line.value("--server-name"));
        }
        ProxyChoice.given(line);
        CommonOptions.check(line);
    }

    private static String requireServerName(String name) throws UsageException {
        try {
            ServerTrust.requireName(name);
            return name;
        } catch (IllegalArgumentException e) {
            throw new UsageException("--server-name: " + e.getMessage());
        }
    }

    /** The server, the token that opens tunnels there, and what to trust. */
    static ServerAccess server(CommandLine line, Log log) throws UsageException, IOException {
        Path stateDirectory = CommonOptions.stateDirectory(line);
        AgentFile file = AgentFile.read(stateDirectory);
        if (file.token() != null && ConfigFile.isOpenToOthers(AgentFile.in(stateDirectory))) {
            log.warn("token_exposed", "other users of this machine can read the token in agent.json; take that right from them: chmod 600",
                    "file", AgentFile.in(stateDirectory));
        }
        String named = first(line.value("--server"), environment("TUNNELFORGE_SERVER"));
        HostPort server = address(first(named, file.server()));
        // A token is shown to no server but the one that it is for.
        boolean fileIsForIt = named == null || file.server() == null || HostPort.parse(file.server(), AgentFile.HTTPS).equals(server);
        String token = first(line.value("--token"), environmentIsFor(server, line) ? environment("TUNNELFORGE_TOKEN") : null, fileIsForIt ? file.token() : null);
        if (token == null && (line.has("--cert") || fileIsForIt && file.certificate() != null)) {
            // The certificate may stand for an account.
            token = "";
        }
        if (token == null) {
            throw new UsageException((file.token() == null ? "no token" : "no token for " + server + " (agent.json has one for "
                    + file.server() + ")") + ": give --token; 'token show' prints it on the server's machine, or whoever runs a server with accounts gives you one");
        }
        String problem = AccessToken.problem(token);
        if (problem != null) {
            throw new UsageException(problem);
        }
        List<Pin> pins = line.has("--pin") || line.has("--ca") || !fileIsForIt ? line.values("--pin", Pin::parse) : file.pins();
        Path ca = line.has("--ca") ? Path.of(line.value("--ca")) : fileIsForIt && pins.isEmpty() ? file.ca() : null;
        String name = requireServerName(line.value("--server-name", server.host()));
        return new ServerAccess(server, token, files(line, ca, fileIsForIt ? file : null), pins, name, ProxyChoice.of(line, System.getenv(), server));
    }

    /** Whether the environment's token may be shown to this server: where a file names another one than the environment, it is not for that. */
    private static boolean environmentIsFor(HostPort server, CommandLine line) throws UsageException {
        String named = environment("TUNNELFORGE_SERVER");
        return named == null || !line.isFromFile("--server") || HostPort.parse(named, AgentFile.HTTPS).equals(server);
    }

    /** {@code file}: agent.json, when it is for the server; null when it is for another one. */
    private static TrustFiles files(CommandLine line, Path ca, AgentFile file) throws UsageException {
        if (line.has("--cert") != line.has("--key")) {
            throw new UsageException(line.has("--cert") ? "--cert needs its --key" : "--key needs its --cert");
        }
        if (line.has("--cert")) {
            return new TrustFiles(ca, Path.of(line.value("--cert")), Path.of(line.value("--key")));
        }
        return file == null ? new TrustFiles(ca, null, null) : new TrustFiles(ca, file.certificate(), file.key());
    }

    private static boolean requests(CommandLine line, boolean attended) throws UsageException {
        if (line.has("--requests") && line.has("--quiet")) {
            throw new UsageException("--requests and --quiet contradict each other");
        }
        return line.has("--requests") || attended && !line.has("--quiet");
    }

    /** Whoever asks for the same at the same server is the same agent, started again; where nothing is asked for, whoever serves the same by the same name. No two tunnels of one program have the same. */
    static List<String> identity(HostPort server, AgentConfig.Tunnel tunnel) {
        String address = tunnel.asked().address();
        if (address != null) {
            return List.of(server.toString(), address);
        }
        String serves = tunnel.asked().protocol() + " " + tunnel.target();
        return tunnel.name() == null ? List.of(server.toString(), serves) : List.of(server.toString(), serves, tunnel.name());
    }

    private static HostPort address(String text) throws UsageException {
        if (text == null) {
            throw new UsageException("no server: give --server HOST:PORT, or start a server as the same user on this machine first");
        }
        HostPort server = HostPort.parse(text, AgentFile.HTTPS);
        // More names are known in a network, with an underscore for example, than may stand in an address.
        if (URI.create("https://" + server).getHost() == null) {
            throw new UsageException("address " + Printable.quoted(text) + ": a host name has letters, digits, hyphens and dots only");
        }
        return server;
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
        if (protocol == TunnelProtocol.TLS && target instanceof Target.Tcp service && service.tls()) {
            throw new UsageException("a tls tunnel passes the visitor's TLS on as it is: write tcp://" + new HostPort(service.host(), service.port()));
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

    private static int circuitBreaker(CommandLine line, Target target) throws UsageException {
        if (line.has("--circuit-breaker") && target instanceof Target.Directory) {
            throw new UsageException("--circuit-breaker is for a local service; a directory has none");
        }
        return line.has("--circuit-breaker") ? line.integer("--circuit-breaker", 1, MAX_FAILURES, 0) : 0;
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

    private static HostHeader hostHeader(CommandLine line, Target target, TunnelProtocol protocol) throws UsageException {
        if (line.has("--dev")) {
            if (line.has("--host-header") || protocol.carriesSessions() || target instanceof Target.Directory) {
                throw new UsageException("--dev is for a local service of HTTP, and goes without --host-header: it finds out which one is needed");
            }
            return new HostHeader(target.authority(), true);
        }
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
