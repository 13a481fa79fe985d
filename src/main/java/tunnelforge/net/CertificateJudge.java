package tunnelforge.net;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Whoever judges a peer's certificates during the handshake, in the same way on sockets and engines. It has the extended form because the JDK adds checks of
 * its own to any other. One that says nothing else refuses all.
 */
public abstract class CertificateJudge extends X509ExtendedTrustManager {
    private static final X509Certificate[] NONE = {};

    /** For those who judge. */
    protected CertificateJudge() {
    }

    /** A server's, its own certificate first; {@code authType} as {@link javax.net.ssl.X509TrustManager} has it. */
    protected void judgeServer(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("servers are not judged here");
    }

    /** A client's, its own certificate first. */
    protected void judgeClient(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("clients are not judged here");
    }

    @Override
    public final void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        judgeServer(chain, authType);
    }

    @Override
    public final void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) throws CertificateException {
        judgeServer(chain, authType);
    }

    @Override
    public final void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) throws CertificateException {
        judgeServer(chain, authType);
    }

    @Override
    public final void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        judgeClient(chain, authType);
    }

    @Override
    public final void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) throws CertificateException {
        judgeClient(chain, authType);
    }

    @Override
    public final void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) throws CertificateException {
        judgeClient(chain, authType);
    }

    /** None, unless it says otherwise. */
    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return NONE.clone();
    }
}
