package tunnelforge.server.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;
import tunnelforge.log.Log;
import tunnelforge.net.CertificateJudge;
import tunnelforge.net.ClientTrust;
import tunnelforge.net.FileStamp;
import tunnelforge.net.Pem;
import tunnelforge.server.access.Presented;
import tunnelforge.server.access.Refusal;
import tunnelforge.text.Digests;
import tunnelforge.wire.TunnelError;

/**
 * The certificates that agents must have, where {@code --client-ca} asks for them. In the handshake every certificate will do, and none: what is wrong is said
 * where an answer can be read, and a browser that has none gets its page. {@link #look} is called by one task at a time, all else by any.
 */
final class ClientCertificates {
    /** More CAs than this are not named in the handshake, whose messages have a limit: without names agents show what they have. */
    static final int MOST_NAMED = 64;

    private final Path file;
    private final Log log;
    private FileStamp stamp;
    private List<X509Certificate> loaded;
    /** Null when no certificate is asked for. */
    private volatile ClientTrust trust;
    /** Why the last look was in vain; null when it was not. */
    private String failure;

    /**
     * Loads the CAs.
     *
     * @param file PEM; null to ask for no certificates
     */
    ClientCertificates(Path file, Log log) throws IOException {
        this.file = file;
        this.log = log;
        if (file != null) {
            load(FileStamp.of(file));
        }
    }

    private void load(FileStamp now) throws IOException {
        loaded = Pem.certificates(file);
        trust = new ClientTrust(loaded);
        stamp = now;
    }

    boolean areAskedFor() {
        return trust != null;
    }

    /** For the handshake. */
    CertificateJudge anyClient() {
        return new CertificateJudge() {
            @Override
            protected void judgeClient(X509Certificate[] chain, String authType) {
                // Judged when the agent has asked for something.
            }

            @Override
            public X509Certificate[] getAcceptedIssuers() {
                ClientTrust now = trust;
                X509Certificate[] issuers = now == null ? super.getAcceptedIssuers() : now.issuers();
                return issuers.length > MOST_NAMED ? super.getAcceptedIssuers() : issuers;
            }
        };
    }

    /**
     * Judges what a peer has proved to own, as the CAs and the time are now.
     *
     * @param chain its own certificate first; empty when it has shown none
     * @return null when none is asked for
     */
    Presented judge(List<X509Certificate> chain) throws Refusal {
        ClientTrust now = trust;
        if (now == null) {
            return null;
        }
        if (chain.isEmpty()) {
            throw Refusal.lasting(TunnelError.AUTH, "this server asks agents for a certificate, and none was shown");
        }
        try {
            now.check(chain);
            X509Certificate own = chain.getFirst();
            return new Presented(CertificateNames.of(own), HexFormat.of().formatHex(Digests.sha256(own.getEncoded())));
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("it was decoded", e);
        } catch (CertificateException e) {
            throw Refusal.lasting(TunnelError.AUTH, e.getMessage());
        }
    }

    /** Loads the file again when it has changed. */
    void look() {
        if (file == null) {
            return;
        }
        try {
            FileStamp now = FileStamp.of(file);
            if (!now.equals(stamp)) {
                load(now);
                log.info("client_ca_reloaded", "agents' certificates are judged by the new CAs from now on", "file", file);
            }
            failure = null;
        } catch (IOException e) {
            // Once for each failure: a person must mend it.
            if (!String.valueOf(e.getMessage()).equals(failure)) {
                failure = String.valueOf(e.getMessage());
                log.warn("client_ca_kept", "the CAs of agents' certificates could not be loaded again; the old ones are used", "error", failure);
            }
        }
    }
}
