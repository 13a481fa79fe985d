package tunnelforge.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tunnelforge.cli.CommandLine;
import tunnelforge.cli.ConfigFile;
import tunnelforge.cli.Option;
import tunnelforge.cli.UsageException;
import tunnelforge.log.Log;
import tunnelforge.net.OwnAddresses;
import tunnelforge.server.admin.AdminConfig;
import tunnelforge.server.admin.AdminPort;
import tunnelforge.server.admin.Observed;
import tunnelforge.text.Addresses;
import tunnelforge.text.Authority;

/**
 * Where whoever runs the server looks at it, as the command line says.
 *
 * @param address null for nowhere
 * @param asked whether it was said: then a server without it does not start
 * @param hosts names and addresses by which it is asked for
 * @param tokenFile what whoever asks must show; null where nothing was said
 */
record AdminOptions(InetAddress address, int port, boolean asked, Set<String> hosts, Path tokenFile) {
    static final Option ADMIN = Option.one("--admin", "ADDR:PORT|off",
            "where metrics, health and a dashboard are, for whoever runs the server; 127.0.0.1:4041 unless given. Other addresses than loopback ask for a token");
    static final Option HOST = Option.many("--admin-host", "NAME", "another name by which the admin port is asked for, behind a proxy or from other machines");
    static final Option TOKEN_FILE = Option.one("--admin-token-file", "FILE", "holds a token that the admin port asks for, also on loopback");

    private static final InetAddress USUAL_ADDRESS = Addresses.parse("127.0.0.1");
    private static final int USUAL_PORT = 4041;
    private static final String OFF = "off";

    static AdminOptions of(CommandLine line) throws UsageException {
        String asked = line.value(ADMIN.name());
        if (OFF.equals(asked)) {
            return new AdminOptions(null, 0, true, Set.of(), null);
        }
        Set<String> hosts = hosts(line.values(HOST.name()));
        Path tokenFile = line.has(TOKEN_FILE.name()) ? Path.of(line.value(TOKEN_FILE.name())) : null;
        if (asked == null) {
            return new AdminOptions(USUAL_ADDRESS, USUAL_PORT, false, hosts, tokenFile);
        }
        Authority authority = Authority.parse(asked);
        InetAddress address = authority == null ? null : "localhost".equals(authority.host()) ? USUAL_ADDRESS : Addresses.parse(authority.host());
        if (address == null || authority.port() == Authority.NO_PORT) {
            throw new UsageException("--admin takes an address and a port, such as 127.0.0.1:4041 or [::1]:4041, or off, not '" + asked + "'");
        }
        return new AdminOptions(address, authority.port(), true, hosts, tokenFile);
    }

    private static Set<String> hosts(List<String> names) throws UsageException {
        Set<String> hosts = new HashSet<>();
        for (String name : names) {
            InetAddress address = Addresses.ofHost(name);
            String host = address == null ? Authority.host(name) : Addresses.text(address);
            if (host == null) {
                throw new UsageException("--admin-host takes a name or an address without a port, such as metrics.example.com, not '" + name + "'");
            }
            hosts.add(host);
        }
        return hosts;
    }

    /**
     * Opens the port that was asked for, and has a look at the token, before anybody is told that the server listens.
     *
     * @return null when none was
     * @throws IOException when it, or the token, cannot be had
     */
    AdminPort openAsked(Observed observed, Path stateDirectory, Log log) throws IOException {
        if (address == null) {
            return null;
        }
        if (!asked) {
            token(stateDirectory);
            return null;
        }
        if (!OwnAddresses.has(address)) {
            throw new IOException("--admin " + Addresses.text(address) + ": this machine has no such address (it has " + OwnAddresses.text(OwnAddresses.reachable()) + ")");
        }
        AdminToken token = token(stateDirectory);
        try {
            AdminPort opened = open(token, observed, log);
            if (!address.isLoopbackAddress()) {
                log.warn("admin_unencrypted", "other machines reach the admin port, without TLS: who can read on the way sees its token, which is in " + token.file(), "url", opened.url());
            }
            return opened;
        } catch (SocketException e) {
            throw ListenFailure.of(e, ADMIN.name(), address, port);
        }
    }

    /** Opens the usual port, when the server already serves: it does without where another program has the port. Null then, and when it is not wanted. */
    AdminPort openUsual(Observed observed, Log log) throws IOException {
        if (asked) {
            return null;
        }
        AdminToken token = token(null);
        try {
            return open(token, observed, log);
        } catch (SocketException e) {
            log.warn("admin_port_taken", "port " + port + " of " + Addresses.text(address) + " cannot be had (" + e.getMessage()
                    + "): this server has no metrics and no dashboard; --admin ADDR:PORT gives them another, --admin off says that none are wanted", "port", port);
            return null;
        }
    }

    /** Null where none is asked for. */
    private AdminToken token(Path stateDirectory) throws IOException {
        if (tokenFile != null) {
            return AdminToken.read(tokenFile);
        }
        return address.isLoopbackAddress() ? null : AdminToken.ofState(stateDirectory);
    }

    private AdminPort open(AdminToken token, Observed observed, Log log) throws IOException {
        if (token != null && ConfigFile.isOpenToOthers(token.file())) {
            log.warn("token_exposed", "other users of this machine can read the token of the admin port in " + token.file() + "; take that right from them: chmod 600", "file", token.file());
        }
        AdminPort opened = AdminPort.open(new AdminConfig(address, port, hosts, token == null ? null : token.secret()), observed, log);
        log.info("admin", "metrics, health and a dashboard are at " + opened.url(), "url", opened.url());
        return opened;
    }
}
