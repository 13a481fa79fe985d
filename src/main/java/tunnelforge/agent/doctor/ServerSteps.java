package tunnelforge.agent.doctor;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import tunnelforge.agent.proxy.Proxy;
import tunnelforge.agent.proxy.ProxyException;
import tunnelforge.agent.tunnel.NextStep;
import tunnelforge.agent.tunnel.ServerAccess;
import tunnelforge.agent.tunnel.ServerTls;
import tunnelforge.agent.tunnel.Trouble;
import tunnelforge.cli.ExitException;
import tunnelforge.cli.HostPort;
import tunnelforge.net.Connection;
import tunnelforge.net.Pin;
import tunnelforge.net.SeenCertificates;
import tunnelforge.net.ServerNames;
import tunnelforge.net.ServerTrust;
import tunnelforge.text.Addresses;
import tunnelforge.text.Authority;

/** From the server's name to its certificate: what can be seen without a token. */
final class ServerSteps {
    private static final Duration LOOK_UP_LIMIT = Duration.ofSeconds(10);
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);
    private static final Duration TLS_LIMIT = Duration.ofSeconds(5);
    private static final Duration PLAIN_LIMIT = Duration.ofSeconds(2);
    private static final String PLAIN_REQUEST = "GET / HTTP/1.0\r\n\r\n";
    private static final int FIRST_BYTES = 4;
    private static final String LOCAL = ".localhost";
    /** Of one name; each may take {@link #CONNECT_LIMIT}. */
    private static final int MAX_ADDRESSES = 8;

    private final Means means;
    private final HostPort server;
    private final SeenCertificates seen = new SeenCertificates();
    /** Null where a proxy looks them up. */
    private List<InetAddress> addresses;
    private List<InetAddress> reached;

    ServerSteps(Means means) {
        this.means = means;
        this.server = means.server().address();
    }

    String name() throws StepFailed {
        try {
            List<InetAddress> all = means.resolver().resolve(server.host(), LOOK_UP_LIMIT);
            addresses = all.subList(0, Math.min(all.size(), MAX_ADDRESSES));
        } catch (IOException e) {
            throw new StepFailed(e.getMessage(), "check the spelling of --server, its DNS record, and this machine's network; an address will do too");
        }
        String found = addresses.stream().map(Addresses::text).collect(Collectors.joining(", "));
        return found.equals(server.host()) ? found + " is an address" : server.host() + " is " + found;
    }

    String port() throws StepFailed {
        reached = new ArrayList<>();
        List<String> each = new ArrayList<>();
        for (InetAddress address : addresses) {
            String shown = new Authority(Addresses.text(address), server.port()).toString();
            try (Connection connection = Connection.connect(List.of(address), server.port(), CONNECT_LIMIT, means.ticker())) {
                reached.add(address);
                each.add(shown + " accepts connections");
            } catch (IOException e) {
                each.add(shown + ": " + Trouble.reason(e));
            }
        }
        String all = String.join("; ", each);
        if (reached.isEmpty()) {
            throw new StepFailed(all, "is the server running, is " + server.port()
                    + " its --port, and does every firewall on the way let this port through?");
        }
        return all;
    }

    /** In place of name and port: the proxy looks up the one and connects to the other. */
    String proxy() throws StepFailed {
        Proxy proxy = means.server().proxy();
        try (Connection connection = means.link().route().reach()) {
            return proxy + " (" + proxy.source() + ") leads to " + server;
        } catch (ProxyException e) {
            throw new StepFailed(e.isLogin() ? ExitException.REFUSED : StepFailed.FAILED, proxy + ": " + e.getMessage(), e.next());
        } catch (IOException e) {
            throw new StepFailed(Trouble.reason(e), "try again");
        }
    }

    /** Another connection on the way that was found. */
    Connection connect() throws IOException {
        return reached == null ? means.link().route().reach() : Connection.connect(reached, server.port(), CONNECT_LIMIT, means.ticker());
    }

    String tls() throws StepFailed {
        try (Connection connection = connect()) {
            try (Connection.Total handshake = connection.within(TLS_LIMIT)) {
                connection.startTlsClient(seen.context(), ServerTls.parameters(means.server()), server.host(), server.port());
                return "TLS 1.3";
            } catch (IOException e) {
                String problem = connection.late() ? "no answer to a TLS handshake within " + TLS_LIMIT.toSeconds() + " s" : "no TLS 1.3: " + Trouble.reason(e);
                throw new StepFailed(problem + spokenInstead(), "give the TLS port of a TunnelForge server, its --port; --http-port is another one");
            }
        } catch (IOException e) {
            throw new StepFailed(Trouble.reason(e), "the port accepted a connection a moment ago: try again");
        }
    }

    /** What is said to one who does not begin TLS. */
    private String spokenInstead() {
        try (Connection connection = connect();
                Connection.Total all = connection.within(PLAIN_LIMIT)) {
            connection.out().write(PLAIN_REQUEST.getBytes(StandardCharsets.US_ASCII));
            String said = new String(connection.in().readNBytes(FIRST_BYTES), StandardCharsets.ISO_8859_1);
            return said.startsWith("HTTP") ? "; plain HTTP is spoken here" : said.startsWith("SSH-") ? "; SSH is spoken here" : "";
        } catch (IOException e) {
            return "";
        }
    }

    /** The connection that has shown the certificates is gone; they are judged as the agent judges them. */
    String trust() throws StepFailed {
        ServerAccess wanted = means.server();
        X509Certificate own = seen.chain()[0];
        try {
            wanted.trust(wanted.files().load()).checkServerTrusted(seen.chain(), seen.authType());
        } catch (IOException e) {
            throw new StepFailed(e.getMessage(), "mend the file");
        } catch (CertificateException e) {
            throw new StepFailed(ExitException.UNTRUSTED, e.getMessage(), remedy(e, own, wanted));
        }
        return (wanted.pins().isEmpty() ? wanted.files().ca() == null ? "from a CA that Java trusts" : "from the CA that was given" : "the pin fits") + "; "
                + described(own);
    }

    private static String described(X509Certificate own) {
        return ServerTrust.shown(own) + "; until " + own.getNotAfter().toInstant().atOffset(ZoneOffset.UTC).toLocalDate() + "; key " + Pin.of(own);
    }

    private static String remedy(CertificateException e, X509Certificate own, ServerAccess wanted) {
        if (e.getCause() instanceof CertificateExpiredException || e.getCause() instanceof CertificateNotYetValidException) {
            return "the clock of this machine says " + Instant.now().truncatedTo(ChronoUnit.SECONDS)
                    + ": set it, or, if it is right, renew the server's certificate";
        }
        if (wanted.pins().isEmpty() && !ServerNames.covers(own, wanted.name())) {
            return "--server-name says which name the certificate must be for; --pin needs none";
        }
        return NextStep.untrusted(wanted);
    }

    /** Why visitors do not find a name, or not here; null when they do. */
    String lookUp(String host) {
        if (host.endsWith(LOCAL)) {
            return reached != null && reached.getFirst().isLoopbackAddress() ? null
                    : "names below " + LOCAL.substring(1) + " mean each visitor's own machine: give the server its --domain";
        }
        try {
            List<InetAddress> found = means.resolver().resolve(host, LOOK_UP_LIMIT);
            return addresses == null || found.stream().anyMatch(addresses::contains) ? null
                    : host + " is " + Addresses.text(found.getFirst()) + ", which is no address of the server: visitors may end up elsewhere";
        } catch (UnknownHostException e) {
            return "visitors need a DNS record for names such as " + host + ": there is none (as far as this machine can see)";
        } catch (IOException e) {
            return e.getMessage();
        }
    }
}
