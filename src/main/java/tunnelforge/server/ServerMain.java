package tunnelforge.server;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import tunnelforge.cli.Command;
import tunnelforge.cli.CommandLine;
import tunnelforge.cli.CommonOptions;
import tunnelforge.cli.Launch;
import tunnelforge.cli.Option;
import tunnelforge.cli.OptionsFile;
import tunnelforge.cli.Terminal;
import tunnelforge.cli.UsageException;
import tunnelforge.log.Log;
import tunnelforge.net.OwnAddresses;
import tunnelforge.net.TlsDefaults;
import tunnelforge.server.accesslog.AccessLogOptions;
import tunnelforge.server.tls.CertificateFiles;
import tunnelforge.server.access.PortRange;
import tunnelforge.server.admin.AdminPort;
import tunnelforge.server.tunnel.TunnelRules;
import tunnelforge.text.AccessToken;
import tunnelforge.text.AddressRange;
import tunnelforge.text.Addresses;
import tunnelforge.text.Authority;
import tunnelforge.wire.Limits;

/** The server program. */
public final class ServerMain implements Command {
    private static final int HTTPS = 443;
    private static final Duration IDLE_TIMEOUT = Duration.ofHours(1);
    private static final int MIN_RATE = 256;
    /** A petabyte. */
    private static final long MAX_MAX_BODY = 1_000_000_000_000_000L;
    /** A label, a dot and the domain must fit into a name of 253 characters. */
    private static final int MAX_DOMAIN = 189;
    /** What the same is called elsewhere. */
    private static final Set<String> OTHER_NAMES = Set.of("serve", "run", "listen", "daemon");
    private static final List<Option> OPTIONS = List.of(
            Option.one("--port", "PORT", "the TLS port for visitors and agents; 443 unless given, 0 for any free one"),
            Option.one("--bind", "ADDRESS", "the address to listen on; all unless given"),
            Option.one("--http-port", "PORT", "also serve plain HTTP here: http tunnels directly, https tunnels by a redirect"),
            Option.one("--domain", "NAME", "tunnels get names below it; tunnel.localhost unless given"),
            Option.one("--public-port", "PORT", "the TLS port that visitors see, where a port mapping stands in front"),
            Option.many("--cert", "FILE", "a certificate chain (PEM) to show, with --key; loaded again when it changes"),
            Option.many("--key", "FILE", "the private key (PEM) of the --cert at the same place"),
            Option.one("--client-ca", "FILE", "agents, never visitors, must show a certificate from these CAs (PEM), with --cert and --key; loaded again when it changes"),
            Option.one("--token", "TOKEN", "opens tunnels here; one is made on first start unless given"),
            Option.one("--accounts", "FILE", "who may open tunnels, and how much they may have; see help token. Read again when it changes"),
            Option.one("--tcp-ports", "A-B", "the ports that tcp tunnels get; 20000-20999 unless given"),
            Option.many("--accept-proxy-protocol", "CIDR", "where load balancers connect from that say by the PROXY protocol for whom"),
            Option.many("--trust-forwarded", "CIDR", "where load balancers ask from whose X-Forwarded-For and the like are passed on; visitors' own never are"),
            Option.one("--hsts", "DURATION", "has browsers use nothing but https for this long (Strict-Transport-Security), such as 180d; 0 has them forget it"),
            Option.one("--idle-timeout", "DURATION", "ends a session of a tcp or tls tunnel that is silent for this long; 1h unless given"),
            Option.one("--min-rate", "BYTES", "a second, over 30 s: slower bodies and readers make room when the server is half full; 256 unless given, 0 for any"),
            Option.one("--max-body", "BYTES", "of a request, at most: a larger one is answered 413; any number unless given"),
            Option.one("--grace", "DURATION", "how long a dropped tunnel keeps its name; 30s unless given"),
            AdminOptions.ADMIN, AdminOptions.HOST, AdminOptions.TOKEN_FILE, AccessLogOptions.FILE, AccessLogOptions.FORMAT,
            CommonOptions.CONFIG, CommonOptions.STATE_DIR, CommonOptions.LOG_FORMAT, CommonOptions.LOG_LEVEL);

    /** The command. */
    public ServerMain() {
    }

    /** Runs a server and ends the process. */
    public static void main(String[] args) {
        Launch.main(new ServerMain(), args);
    }

    @Override
    public String name() {
        return "server";
    }

    @Override
    public String summary() {
        return "run the server that visitors and agents connect to";
    }

    @Override
    public List<Option> options() {
        return OPTIONS;
    }

    @Override
    public String description() {
        return """
                On its first start it makes a token, its own CA and a certificate in the state directory; what --cert gives is shown instead. \
                An agent of the same user on the same machine finds all it needs there. The line to paste on other machines \
                is printed then and on a terminal; token show prints it again.

                  server --port 443
                  server --domain tunnel.example.com --http-port 80 \\
                      --cert fullchain.pem --key privkey.pem""";
    }

    @Override
    public String meant(List<String> words) {
        boolean nothingToServe = words.size() == 1 || words.get(1).startsWith("-");
        return nothingToServe && OTHER_NAMES.contains(words.getFirst()) ? name() : null;
    }

    @Override
    public int run(CommandLine typed) throws UsageException, IOException {
        TlsDefaults.apply();
        CommandLine line = withFile(typed);
        ServerConfig config = line.read(ServerMain::config);
        AdminOptions admin = line.read(AdminOptions::of);
        Log log = log(line, config);
        Server server = Server.start(config, log, Launch::died);
        AdminPort asked = admin.openAsked(server.observed(), config.keys().stateDirectory(), log);
        CompletableFuture<Void> stop = new CompletableFuture<>();
        CompletableFuture<Void> stopped = new CompletableFuture<>();
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("shutdown").unstarted(() -> {
            stop.complete(null);
            stopped.join();
        }));
        announce(server, config, log);
        try (AdminPort port = asked != null ? asked : admin.openUsual(server.observed(), log)) {
            stop.join();
            log.info("stopping", "stopping; what is in flight is finished first");
            server.drain(Limits.DRAIN_WITHIN);
            server.close();
            log.info("stopped", "stopped");
        } finally {
            stopped.complete(null);
        }
        return 0;
    }

    /** Starts a server within another program, without its admin port. {@code words} are as on the command line. */
    public static Server start(List<String> words) throws UsageException, IOException {
        TlsDefaults.apply();
        CommandLine line = withFile(CommandLine.parse(OPTIONS, 0, words));
        ServerConfig config = line.read(ServerMain::config);
        return Server.start(config, log(line, config), Launch::died);
    }

    /** What the file of {@code --config} says where nothing is typed. */
    private static CommandLine withFile(CommandLine typed) throws UsageException {
        if (!typed.has("--config")) {
            return typed;
        }
        OptionsFile file = OptionsFile.read(Path.of(typed.value("--config")));
        CommandLine options = file.options(OPTIONS, List.of(), Map.of("config", "is for the command line", "tunnels", "is an agent's: agent --config FILE"));
        file.requireRight();
        return typed.over(options);
    }

    /** Lines of two kinds are not mixed. */
    private static Log log(CommandLine line, ServerConfig config) throws UsageException {
        return line.read(config.accessLog() != null && config.accessLog().toStandardOutput() ? CommonOptions::logToStandardError : CommonOptions::log);
    }

    private static void announce(Server server, ServerConfig config, Log log) {
        String message = "listening on port " + server.port() + (config.listening().bind() == null ? "" : " of " + Addresses.text(config.listening().bind()))
                + (server.publicPort() == server.port() ? "" : " (visitors see port " + server.publicPort() + ")")
                + (server.httpPort() == 0 ? "" : " and, for plain HTTP, on port " + server.httpPort()) + "; tunnels get names below " + config.domain();
        if (server.httpPort() == 0) {
            log.info("listening", message, "port", server.port(), "domain", config.domain());
        } else {
            log.info("listening", message, "port", server.port(), "http_port", server.httpPort(), "domain", config.domain());
        }
        String keys = config.keys().accounts() == null ? "keys, token" : "keys";
        String state = config.keys().stateDirectory().toString();
        log.info("state", server.showsOwnCertificate() ? keys + " and ca.pem are in " + state + "; visitors' browsers warn until they trust ca.pem"
                : keys.replace(", token", " and token") + " are in " + state, "ca", server.caFile());
        // Printed, not logged: it may hold the token, and is meant for the person who started the server. Of standard error nobody knows whether a person reads it.
        boolean terminal = Terminal.isInteractive();
        boolean taken = config.accessLog() != null && config.accessLog().toStandardOutput();
        Launch.say(terminal && !taken ? System.out : System.err, server.announcement().text(OwnAddresses.reachable(), terminal));
    }

    private static ServerConfig config(CommandLine line) throws UsageException, IOException {
        String bind = line.value("--bind");
        InetAddress address = null;
        if (bind != null) {
            address = Addresses.parse(bind);
            if (address == null) {
                throw new UsageException("--bind takes an address, such as 127.0.0.1 or ::, not '" + bind + "'");
            }
        }
        return new ServerConfig(
                new ServerConfig.Listening(address, line.integer("--port", 0, 65535, HTTPS),
                        line.has("--http-port") ? line.integer("--http-port", 0, 65535, 0) : ServerConfig.Listening.NO_HTTP,
                        line.integer("--public-port", 1, 65535, 0), line.values("--accept-proxy-protocol", AddressRange::parse),
                        line.values("--trust-forwarded", AddressRange::parse), hsts(line)),
                new ServerConfig.Keys(CommonOptions.stateDirectory(line), token(line), accounts(line), certificates(line),
                        line.has("--client-ca") ? Path.of(line.value("--client-ca")) : null),
                new TunnelRules(domain(line.value("--domain", "tunnel.localhost")), tcpPorts(line), line.duration("--grace", Limits.GRACE), idleTimeout(line),
                        line.integer("--max-body", 0, MAX_MAX_BODY, TunnelRules.ANY_BODY), line.integer("--min-rate", 0, Integer.MAX_VALUE, MIN_RATE)),
                AccessLogOptions.of(line));
    }

    /** Null when none is given. What an agent would take for a mistake is refused here as well. */
    private static String token(CommandLine line) throws UsageException {
        String token = line.value("--token");
        String problem = token == null ? null : AccessToken.problem(token);
        if (problem != null) {
            throw new UsageException("--token: " + problem);
        }
        return token;
    }

    private static Path accounts(CommandLine line) throws UsageException {
        if (line.has("--accounts") && line.has("--token")) {
            throw new UsageException("--accounts and --token contradict each other: tokens are those of the accounts");
        }
        return line.has("--accounts") ? Path.of(line.value("--accounts")) : null;
    }

    /** For the name alone: tunnels below it are others'. */
    private static String hsts(CommandLine line) throws UsageException {
        return line.has("--hsts") ? "max-age=" + line.duration("--hsts", Duration.ZERO).toSeconds() : null;
    }

    private static Duration idleTimeout(CommandLine line) throws UsageException {
        Duration limit = line.duration("--idle-timeout", IDLE_TIMEOUT);
        if (limit.isZero()) {
            throw new UsageException("--idle-timeout of nothing would end every session at once");
        }
        return limit;
    }

    private static PortRange tcpPorts(CommandLine line) throws UsageException {
        if (!line.has("--tcp-ports")) {
            return PortRange.USUAL;
        }
        try {
            return PortRange.parse(line.value("--tcp-ports"));
        } catch (IllegalArgumentException e) {
            throw new UsageException("--tcp-ports: " + e.getMessage() + ", not '" + line.value("--tcp-ports") + "'");
        }
    }

    private static String domain(String asked) throws UsageException {
        String name = Authority.host(asked);
        if (name == null || Addresses.ofHost(name) != null || name.length() > MAX_DOMAIN) {
            throw new UsageException("--domain takes a name, such as tunnel.example.com, not '" + asked + "'");
        }
        return name;
    }

    private static List<CertificateFiles> certificates(CommandLine line) throws UsageException {
        List<String> chains = line.values("--cert");
        List<String> keys = line.values("--key");
        if (chains.size() != keys.size()) {
            throw new UsageException("each --cert needs its --key: there are " + chains.size() + " and " + keys.size());
        }
        List<CertificateFiles> files = new ArrayList<>();
        for (int i = 0; i < chains.size(); i++) {
            files.add(new CertificateFiles(Path.of(chains.get(i)), Path.of(keys.get(i))));
        }
        return files;
    }
}
