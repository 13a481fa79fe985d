package tunnelforge.net;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.StandardConstants;
import tunnelforge.text.Addresses;
import tunnelforge.text.HostNames;

/** Makes the JDK's TLS sockets over connections. Their handshake is still to come. */
final class TlsLayer {
    private static final String[] VERSIONS = {"TLSv1.3", "TLSv1.2"};
    /** What a server speaks inside TLS, the best first. */
    private static final List<String> APPLICATION_PROTOCOLS = List.of("http/1.1", "http/1.0");

    private TlsLayer() {
    }

    static SSLSocket server(SSLContext context, Socket raw, ClientHello hello) throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(raw, new ByteArrayInputStream(hello.bytes()), true);
        socket.setUseClientMode(false);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setProtocols(VERSIONS);
        parameters.setCipherSuites(Arrays.stream(parameters.getCipherSuites()).filter(TlsLayer::isWanted).toArray(String[]::new));
        parameters.setUseCipherSuitesOrder(true);
        if (hello.serverName() != null) {
            // For ServerKeys: a server's socket does nothing with them, and the JDK does not read the name (TlsDefaults).
            parameters.setServerNames(List.of(new HostName(hello.serverName())));
        }
        socket.setSSLParameters(parameters);
        socket.setHandshakeApplicationProtocolSelector((each, offered) -> select(offered));
        return socket;
    }

    /** Forward secrecy and authenticated encryption: all suites of TLS 1.3, and of TLS 1.2 those that browsers use. */
    private static boolean isWanted(String suite) {
        boolean authenticated = suite.contains("_GCM_") || suite.contains("_CHACHA20_POLY1305_");
        return suite.startsWith("TLS_ECDHE_") && authenticated || !suite.contains("_WITH_") && suite.startsWith("TLS_") && !suite.endsWith("_SCSV");
    }

    /** Null, for an alert, where only others are offered: such a client waits for an answer in one of them (RFC 7301 section 3.2). */
    private static String select(List<String> offered) {
        return APPLICATION_PROTOCOLS.stream().filter(offered::contains).findFirst().orElse(null);
    }

    static SSLSocket client(SSLContext context, Socket raw, SSLParameters parameters, String host, int port) throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(raw, host, port, true);
        socket.setUseClientMode(true);
        socket.setSSLParameters(parameters == null ? naming(host, socket.getSSLParameters()) : parameters);
        return socket;
    }

    /** The JDK leaves out names without a dot, such as localhost; many servers know no other for themselves. */
    private static SSLParameters naming(String host, SSLParameters parameters) {
        String name = HostNames.normalise(host);
        if (Addresses.ofHost(name) == null && HostNames.isName(name)) {
            parameters.setServerNames(List.of(new HostName(name)));
        }
        return parameters;
    }

    /** The JDK's own kind refuses names with an underscore. */
    private static final class HostName extends SNIServerName {
        HostName(String name) {
            super(StandardConstants.SNI_HOST_NAME, name.getBytes(StandardCharsets.US_ASCII));
        }
    }
}
