package tunnelforge.net;

import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;

/** Keeps the certificates of one handshake to be judged afterwards. It refuses none, so a connection made with it must carry no secret. */
public final class SeenCertificates extends CertificateJudge {
    private volatile X509Certificate[] chain;
    private volatile String authType;

    /** Has seen none yet. */
    public SeenCertificates() {
    }

    /** For one connection: a resumed one shows no certificates. */
    public SSLContext context() {
        return TlsContexts.of(null, this);
    }

    /** The server's own certificate first. */
    public X509Certificate[] chain() {
        return chain.clone();
    }

    /** As {@link ServerTrust#checkServerTrusted(X509Certificate[], String)} takes it. */
    public String authType() {
        return authType;
    }

    @Override
    protected void judgeServer(X509Certificate[] presented, String type) {
        chain = presented.clone();
        authType = type;
    }
}
