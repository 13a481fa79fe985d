package tunnelforge.net;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** Makes the JDK's TLS sockets over connections. Their handshake is still to come. */
final class TlsLayer {
    private TlsLayer() {
    }

    static SSLSocket server(SSLContext context, Socket raw, ClientHello hello) throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(raw, new ByteArrayInputStream(hello.bytes()), true);
        socket.setUseClientMode(false);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"http/1.1"});
        parameters.setUseCipherSuitesOrder(true);
        socket.setSSLParameters(parameters);
        return socket;
    }

    static SSLSocket client(SSLContext context, Socket raw, SSLParameters parameters, String host, int port) throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(raw, host, port, true);
        socket.setUseClientMode(true);
        if (parameters != null) {
            socket.setSSLParameters(parameters);
        }
        return socket;
    }
}
