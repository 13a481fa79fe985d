package tunnelforge.net;

import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.X509TrustManager;

/**
 * A server's judgement of a client's certificate: it must chain to one of the trusted CAs by the JDK's rules (PKIX, RFC 5280), be in date and be for clients. The messages
 * are for whoever has shown it. It has no state: any number of tasks may use it at once.
 */
public final class ClientTrust {
    /** RFC 5280 section 4.2.1.12. */
    private static final List<String> FOR_CLIENTS = List.of("1.3.6.1.5.5.7.3.2", "2.5.29.37.0");

    private final X509TrustManager authorities;

    /** {@code anchors}: the CAs to trust, at least one. */
    public ClientTrust(List<X509Certificate> anchors) {
        if (anchors.isEmpty()) {
            throw new IllegalArgumentException("no CA to trust");
        }
        this.authorities = ServerTrust.trustManager(anchors);
    }

    /** The CAs, as clients are told of them. */
    public X509Certificate[] issuers() {
        return authorities.getAcceptedIssuers();
    }

    /**
     * Judges what a client has proved to own.
     *
     * @param chain its own certificate first
     * @throws CertificateException saying what is wrong with it
     */
    public void check(List<X509Certificate> chain) throws CertificateException {
        X509Certificate own = chain.getFirst();
        ServerTrust.checkDates(own, "the client certificate");
        if (!isForClients(own)) {
            throw new CertificateException("the certificate (" + ServerTrust.shown(own) + ") is not for clients: its extended key usage lacks clientAuth");
        }
        try {
            authorities.checkClientTrusted(chain.toArray(X509Certificate[]::new), own.getPublicKey().getAlgorithm());
        } catch (CertificateException e) {
            throw new CertificateException("the client certificate (" + ServerTrust.shown(own) + ") is not from a CA that this server accepts", e);
        }
    }

    /** One without the extension is for everything. */
    private static boolean isForClients(X509Certificate own) throws CertificateParsingException {
        List<String> usages = own.getExtendedKeyUsage();
        return usages == null || usages.stream().anyMatch(FOR_CLIENTS::contains);
    }
}
