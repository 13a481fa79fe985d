package tunnelforge.net;

import java.security.cert.X509Certificate;

/** Trusts every server: only for a local service, and only where {@code --upstream-insecure} asks for it. */
public final class AnyCertificate extends CertificateJudge {
    /** Has no state. */
    public AnyCertificate() {
    }

    @Override
    protected void judgeServer(X509Certificate[] chain, String authType) {
    }
}
