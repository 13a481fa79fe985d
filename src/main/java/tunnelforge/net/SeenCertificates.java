package tunnelforge.net;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** Keeps the certificates of one handshake to be judged afterwards. It refuses none, so a connection made with it must carry no secret. */
public final class SeenCertificates extends X509ExtendedTrustManager {
    private volatile X509Certificate[] chain;
    private volatile String authType;

    /** Has seen none yet. */
    public SeenCertificates() {
    }

    /** For one connection: a resumed one shows no certificates. */
    public SSLContext context() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[0], new TrustManager[] {this}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has TLS", e);
        }
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
    public void checkServerTrusted(X509Certificate[] presented, String type) {
        chain = presented.clone();
        authType = type;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] presented, String type, Socket socket) {
        checkServerTrusted(presented, type);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] presented, String type, SSLEngine engine) {
        checkServerTrusted(presented, type);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] presented, String type) {
        throw new IllegalStateException("this is the client");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] presented, String type, Socket socket) {
        checkClientTrusted(presented, type);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] presented, String type, SSLEngine engine) {
        checkClientTrusted(presented, type);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
