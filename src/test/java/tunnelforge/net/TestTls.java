package tunnelforge.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** A TLS server on loopback, made as the product makes it: ClientHello first, then a layered socket. */
final class TestTls implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 10_000;
    private static final byte[] ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final SSLContext context;
    private final Consumer<SSLSocket> setUp;
    private volatile ClientHello lastHello;

    TestTls(ServerKeys keys, Consumer<SSLSocket> setUp) throws IOException, GeneralSecurityException {
        this.context = SSLContext.getInstance("TLS");
        this.context.init(new KeyManager[] {keys}, null, null);
        this.setUp = setUp;
        Thread.ofVirtual().start(this::accept);
    }

    static TestTls serving(KeyEntry... entries) throws IOException, GeneralSecurityException {
        return new TestTls(new ServerKeys(List.of(entries)), socket -> { });
    }

    private void accept() {
        try {
            while (true) {
                Socket raw = listener.accept();
                Thread.ofVirtual().start(() -> serve(raw));
            }
        } catch (IOException e) {
            // Closed by the test.
        }
    }

    private void serve(Socket raw) {
        try (raw) {
            raw.setSoTimeout(TIMEOUT_MILLIS);
            raw.setTcpNoDelay(true);
            ClientHello hello = ClientHello.read(raw.getInputStream(), ClientHello.DEFAULT_LIMIT_BYTES);
            lastHello = hello;
            SSLSocket tls = TlsLayer.server(context, raw, hello);
            setUp.accept(tls);
            tls.startHandshake();
            tls.getInputStream().read(new byte[4096]);
            tls.getOutputStream().write(ANSWER);
            tls.close();
        } catch (IOException e) {
            // The client's own error is what the tests look at.
        }
    }

    int port() {
        return listener.getLocalPort();
    }

    ClientHello lastHello() {
        return lastHello;
    }

    /** A whole exchange; returns the certificate that the server presented. */
    X509Certificate connect(SSLContext client, String sniOrNull, Consumer<SSLParameters> with) throws IOException {
        try (Socket raw = new Socket(InetAddress.getLoopbackAddress(), port())) {
            raw.setSoTimeout(TIMEOUT_MILLIS);
            raw.setTcpNoDelay(true);
            try (SSLSocket tls = (SSLSocket) client.getSocketFactory().createSocket(raw, "127.0.0.1", port(), true)) {
                SSLParameters parameters = ServerTrust.parameters();
                if (sniOrNull != null) {
                    parameters.setServerNames(List.of(new SNIHostName(sniOrNull)));
                }
                with.accept(parameters);
                tls.setSSLParameters(parameters);
                tls.startHandshake();
                tls.getOutputStream().write("x".getBytes(StandardCharsets.US_ASCII));
                if (tls.getInputStream().read() < 0) {
                    throw new IOException("no answer");
                }
                return (X509Certificate) tls.getSession().getPeerCertificates()[0];
            }
        }
    }

    X509Certificate connect(ServerTrust trust) throws IOException {
        return connect(ServerTrust.context(trust), null, parameters -> { });
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
