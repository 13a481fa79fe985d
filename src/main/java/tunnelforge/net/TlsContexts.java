package tunnelforge.net;

import java.security.GeneralSecurityException;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/** The one place where TLS contexts are made. Sessions are resumed within one context only. */
public final class TlsContexts {
    private TlsContexts() {
    }

    /**
     * A context.
     *
     * @param keys what is shown to peers; null for nothing
     * @param judge of what peers show; never the JDK's own rules
     */
    public static SSLContext of(KeyManager keys, CertificateJudge judge) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys == null ? new KeyManager[0] : new KeyManager[] {keys}, new TrustManager[] {judge}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has TLS", e);
        }
    }
}
