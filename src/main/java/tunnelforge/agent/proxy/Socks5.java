package tunnelforge.agent.proxy;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import tunnelforge.cli.HostPort;
import tunnelforge.text.Addresses;

/**
 * SOCKS version 5 (RFC 1928), with user and password (RFC 1929) where there is a login.
 *
 * <pre>
 *   05 n methods       ─▶  05 method
 *   01 n user n password ─▶  01 status          with method 02
 *   05 01 00 address   ─▶  05 reply 00 address
 * </pre>
 */
final class Socks5 {
    private static final int VERSION = 5;
    private static final int NO_LOGIN = 0;
    private static final int USER_AND_PASSWORD = 2;
    private static final int NO_METHOD = 0xff;
    private static final int LOGIN_VERSION = 1;
    private static final int CONNECT = 1;
    private static final int IPV4 = 1;
    private static final int NAME = 3;
    private static final int IPV6 = 4;
    private static final int PORT_OCTETS = 2;

    private final Proxy proxy;
    private final HostPort server;

    Socks5(Proxy proxy, HostPort server) {
        this.proxy = proxy;
        this.server = server;
    }

    void open(InputStream in, OutputStream out) throws IOException {
        out.write(proxy.login() == null ? new byte[] {VERSION, 1, NO_LOGIN} : new byte[] {VERSION, 2, NO_LOGIN, USER_AND_PASSWORD});
        requireVersion(octet(in), VERSION);
        int method = octet(in);
        if (method == USER_AND_PASSWORD && proxy.login() != null) {
            out.write(login());
            requireVersion(octet(in), LOGIN_VERSION);
            int status = octet(in);
            if (status != 0) {
                throw ProxyException.ofLogin(proxy, "SOCKS5 login status " + status);
            }
        } else if (method == NO_METHOD) {
            throw ProxyException.ofLogin(proxy, "SOCKS5 method 255");
        } else if (method != NO_LOGIN) {
            throw ProxyException.unsuitable(proxy);
        }
        out.write(request());
        requireVersion(octet(in), VERSION);
        int reply = octet(in);
        if (reply != 0) {
            throw refused(reply);
        }
        octet(in);
        skip(in, octets(octet(in), in) + PORT_OCTETS);
    }

    private byte[] login() {
        byte[] user = Proxy.Login.octets(proxy.login().user());
        byte[] password = Proxy.Login.octets(proxy.login().password());
        ByteArrayOutputStream login = new ByteArrayOutputStream();
        login.write(LOGIN_VERSION);
        login.write(user.length);
        login.writeBytes(user);
        login.write(password.length);
        login.writeBytes(password);
        return login.toByteArray();
    }

    private byte[] request() {
        InetAddress address = Addresses.parse(server.host());
        byte[] name = server.host().getBytes(StandardCharsets.US_ASCII);
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes(new byte[] {VERSION, CONNECT, 0});
        if (address == null) {
            request.write(NAME);
            request.write(name.length);
            request.writeBytes(name);
        } else {
            request.write(address instanceof Inet4Address ? IPV4 : IPV6);
            request.writeBytes(address.getAddress());
        }
        request.write(server.port() >> Byte.SIZE);
        request.write(server.port());
        return request.toByteArray();
    }

    private ProxyException refused(int reply) {
        String network = "is the server running, and can the proxy reach it by this name and port?";
        return switch (reply) {
            case 2 -> new ProxyException(proxy, "the proxy does not let connections to " + server + " through (SOCKS5 reply 2)", "ask whoever runs it to allow connections to " + server);
            case 3 -> new ProxyException(proxy, "the network of " + server + " cannot be reached from the proxy (SOCKS5 reply 3)", network);
            case 4 -> new ProxyException(proxy, server.host() + " cannot be reached from the proxy, or is unknown there (SOCKS5 reply 4)", network);
            case 5 -> new ProxyException(proxy, server + " refuses the connections of the proxy (SOCKS5 reply 5)", network);
            case 6 -> new ProxyException(proxy, server + " is too far away from the proxy (SOCKS5 reply 6)", network);
            case 7 -> new ProxyException(proxy, "the proxy does not open connections (SOCKS5 reply 7)", "check " + proxy.source());
            case 8 -> new ProxyException(proxy, "the proxy does not know addresses such as " + server.host() + " (SOCKS5 reply 8)", "give --server a name, or an address of the other kind");
            default -> new ProxyException(proxy, "the proxy has no connection to " + server + " (SOCKS5 reply " + reply + ")", network);
        };
    }

    private void requireVersion(int version, int wanted) throws ProxyException {
        if (version != wanted) {
            throw ProxyException.unsuitable(proxy);
        }
    }

    /** How many octets an address of a type has. */
    private int octets(int type, InputStream in) throws IOException {
        return switch (type) {
            case IPV4 -> 4;
            case IPV6 -> 16;
            case NAME -> octet(in);
            default -> throw ProxyException.unsuitable(proxy);
        };
    }

    private static void skip(InputStream in, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            octet(in);
        }
    }

    private static int octet(InputStream in) throws IOException {
        int octet = in.read();
        if (octet < 0) {
            throw new EOFException("inside the proxy's answer");
        }
        return octet;
    }
}
