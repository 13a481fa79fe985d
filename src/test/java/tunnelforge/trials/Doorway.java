package tunnelforge.trials;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import tunnelforge.Peer;

/** The TLS port of a server on loopback, for visitors that trust its CA. */
public final class Doorway {
    private final SSLContext trust;
    private final int port;

    public Doorway(Path caFile, int port) throws IOException, GeneralSecurityException {
        KeyStore anchors = KeyStore.getInstance("PKCS12");
        anchors.load(null, null);
        try (InputStream in = Files.newInputStream(caFile)) {
            anchors.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance("PKIX");
        managers.init(anchors);
        this.trust = SSLContext.getInstance("TLS");
        this.trust.init(null, managers.getTrustManagers(), null);
        this.port = port;
    }

    /** A new TLS connection under a name; {@code receiveBuffer} is what the visitor's system may hold for it in bytes, 0 for the usual. */
    public Peer connect(String name, int receiveBuffer) throws IOException {
        Socket raw = new Socket();
        try {
            if (receiveBuffer > 0) {
                raw.setReceiveBufferSize(receiveBuffer);
            }
            raw.setTcpNoDelay(true);
            raw.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            raw.setSoTimeout((int) Peer.LIMIT.toMillis());
            SSLSocket tls = (SSLSocket) trust.getSocketFactory().createSocket(raw, name, port, true);
            tls.startHandshake();
            return new Peer(raw, tls);
        } catch (IOException e) {
            raw.close();
            throw e;
        }
    }
}
