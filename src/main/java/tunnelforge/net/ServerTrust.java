package tunnelforge.net;

import java.io.IOException;
import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import tunnelforge.text.Addresses;
import tunnelforge.text.HostNames;
import tunnelforge.text.Printable;

/**
 * An agent's judgement of its server's certificate.
 *
 * <ul>
 * <li>A pin of the server's own certificate is enough: neither CA, name nor dates are looked at, the key is the
 * identity.
 * <li>A pin of a CA among the certificates presented stands in for the trusted CAs: the server's certificate must
 *     chain to that very CA, be in date and be for the name.
 * <li>Pins of which none matches refuse, whatever the CAs say.
 * <li>Without pins the certificate must chain to a trusted CA, be in date and be for the name.
 * </ul>
 *
 * <p>The name is checked here and not by endpoint identification, so sockets, engines and {@code java.net.http} are
 * judged alike. It has no state: any number of tasks may use it at once.
 */
public final class ServerTrust extends CertificateJudge {
    private static final int MAX_NAME_SHOWN = 100;
    private static final int MAX_NAMES_SHOWN = 8;
    private static final int KEY_USAGE_CERT_SIGN = 5;
    private static final String[] PROTOCOLS = {"TLSv1.3"};

    private final X509TrustManager authorities;
    private final boolean ownAuthorities;
    private final List<Pin> pins;
    private final String serverName;

    /**
     * The rules for one server.
     *
     * @param anchors the CAs to trust, or null for those that the JDK comes with
     * @param pins may be empty
     * @param serverName the name or IP address that the certificate must be for
     * @throws IllegalArgumentException when {@code anchors} is an empty list or the name is neither
     */
    public ServerTrust(List<X509Certificate> anchors, List<Pin> pins, String serverName) {
        if (anchors != null && anchors.isEmpty()) {
            throw new IllegalArgumentException("no CA to trust");
        }
        this.serverName = requireName(serverName);
        this.pins = List.copyOf(pins);
        this.ownAuthorities = anchors != null;
        // Pins take the place of CAs; the JDK's are slow to load.
        this.authorities = this.pins.isEmpty() ? trustManager(anchors) : null;
    }

    /**
     * What a certificate can be for, as it is compared.
     *
     * @throws IllegalArgumentException when it is neither a host name nor an IP address
     */
    public static String requireName(String text) {
        String name = HostNames.normalise(text);
        if (Addresses.ofHost(name) == null && !HostNames.isName(name)) {
            throw new IllegalArgumentException("'" + text + "' is neither a host name nor an IP address");
        }
        return name;
    }

    /**
     * A context for connections to that server. One for a whole process, since sessions are resumed within it only.
     * Use it with {@link #parameters()}: a context alone does not keep older versions of TLS out.
     */
    public static SSLContext context(ServerTrust trust) {
        return TlsContexts.of(null, trust);
    }

    /** What agents and servers ask of TLS between them: version 1.3, nothing older. */
    public static SSLParameters parameters() {
        SSLParameters parameters = new SSLParameters();
        parameters.setProtocols(PROTOCOLS.clone());
        return parameters;
    }

    @Override
    protected void judgeServer(X509Certificate[] chain, String authType) throws CertificateException {
        if (chain == null || chain.length == 0) {
            throw new IllegalArgumentException("no certificate to judge");
        }
        if (pins.isEmpty()) {
            checkChain(authorities, chain, authType, ownAuthorities ? "the CA that was given" : "any CA that Java trusts");
            checkName(chain[0]);
            return;
        }
        if (isPinned(chain[0])) {
            return;
        }
        List<X509Certificate> pinned = Arrays.stream(chain).filter(this::isPinned).toList();
        if (pinned.isEmpty()) {
            throw new CertificateException("the server presented the key " + Pin.of(chain[0]) + " (" + shown(chain[0])
                    + "), expected " + pins.stream().map(Pin::toString).collect(Collectors.joining(" or ")));
        }
        for (X509Certificate authority : pinned) {
            checkAuthority(authority);
        }
        checkChain(trustManager(pinned), chain, authType, "the pinned CA " + Pin.of(pinned.getFirst()));
        checkName(chain[0]);
    }

    private boolean isPinned(X509Certificate certificate) {
        return pins.stream().anyMatch(pin -> pin.matches(certificate));
    }

    /** An anchor's own contents are not judged by PKIX (RFC 5280 section 6.1), so a pinned certificate's are here. */
    private static void checkAuthority(X509Certificate authority) throws CertificateException {
        boolean[] usage = authority.getKeyUsage();
        if (authority.getBasicConstraints() < 0 || usage != null && !usage[KEY_USAGE_CERT_SIGN]) {
            throw new CertificateException("the pin " + Pin.of(authority) + " is of a certificate that is no CA ("
                    + shown(authority) + "): pin the server's own certificate or its CA");
        }
        checkDates(authority, "the pinned CA's certificate");
    }

    private static void checkChain(X509TrustManager trust, X509Certificate[] chain, String authType, String by)
            throws CertificateException {
        checkDates(chain[0], "the server's certificate");
        try {
            trust.checkServerTrusted(chain, authType);
        } catch (CertificateException e) {
            throw new CertificateException("the server's certificate (" + shown(chain[0]) + ", key " + Pin.of(chain[0])
                    + ") is not vouched for by " + by, e);
        }
    }

    static void checkDates(X509Certificate certificate, String whose) throws CertificateException {
        try {
            certificate.checkValidity();
        } catch (CertificateExpiredException e) {
            throw new CertificateException(whose + " (" + shown(certificate) + ") ended on "
                    + certificate.getNotAfter().toInstant() + "; is the clock right here?", e);
        } catch (CertificateNotYetValidException e) {
            throw new CertificateException(whose + " (" + shown(certificate) + ") begins on "
                    + certificate.getNotBefore().toInstant() + "; is the clock right here?", e);
        }
    }

    private void checkName(X509Certificate leaf) throws CertificateException {
        if (!ServerNames.covers(leaf, serverName)) {
            List<String> names = ServerNames.of(leaf);
            throw new CertificateException(names.isEmpty()
                    ? "the server's certificate names no host (subject alternative name), expected '" + serverName + "'"
                    : "the server's certificate is for " + listed(names) + ", expected '" + serverName + "'");
        }
    }

    /** What a certificate is for, for a person. */
    public static String shown(X509Certificate certificate) {
        List<String> names = ServerNames.of(certificate);
        return names.isEmpty() ? printable(certificate.getSubjectX500Principal().getName())
                : "for " + listed(names);
    }

    private static String listed(List<String> names) {
        List<String> shown = new ArrayList<>();
        names.stream().limit(MAX_NAMES_SHOWN).map(ServerTrust::shownName).forEach(shown::add);
        if (names.size() > MAX_NAMES_SHOWN) {
            shown.add((names.size() - MAX_NAMES_SHOWN) + " more");
        }
        return String.join(", ", shown);
    }

    private static String shownName(String name) {
        InetAddress address = Addresses.ofHost(name);
        return address == null ? printable(name) : Addresses.text(address);
    }

    /** The peer's certificate may say anything. */
    private static String printable(String text) {
        return Printable.line(Printable.cut(text, MAX_NAME_SHOWN));
    }

    static X509TrustManager trustManager(List<X509Certificate> anchors) {
        try {
            KeyStore store = null;
            if (anchors != null) {
                store = KeyStore.getInstance("PKCS12");
                store.load(null, null);
                for (int i = 0; i < anchors.size(); i++) {
                    store.setCertificateEntry("ca" + i, anchors.get(i));
                }
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(store);
            return (X509TrustManager) factory.getTrustManagers()[0];
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("the JDK's trusted certificates cannot be read", e);
        }
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return authorities == null ? new X509Certificate[0] : authorities.getAcceptedIssuers();
    }
}
