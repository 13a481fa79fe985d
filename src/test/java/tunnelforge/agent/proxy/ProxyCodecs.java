package tunnelforge.agent.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.HexFormat;
import java.util.List;
import tunnelforge.cli.HostPort;
import tunnelforge.fuzz.Codec;
import tunnelforge.http.HttpException;

/** What proxies answer, and NO_PROXY, for the fuzzer. */
public final class ProxyCodecs {
    private static final HostPort SERVER = new HostPort("server.test", 443);
    private static final String[] HEADS = {"HTTP/1.1 200 OK\r\n\r\n\u0016\u0003\u0003", "HTTP/1.0 200 Connection established\r\nVia: a\r\n\r\n", "HTTP/1.1 103 More\r\nLink: <a>\r\n\r\nHTTP/1.1 204 x\n\n",
        "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"a\"\r\nProxy-Authenticate: NTLM\r\n\r\n", "HTTP/1.1 403 \r\n\r\n", "HTTP/1.1 502 a\r\nContent-Length: 3\r\n\r\nabc", "SSH-2.0-a\r\n"};
    private static final String[] OCTETS = {"0502" + "0100" + "050000010a000001" + "1f90" + "160303", "0500" + "05000003016101bb", "0500" + "050000040000000000000000000000000000000101bb", "05ff", "0502" + "0101", "0500050500",
        "0500050900", "48545450"};

    private ProxyCodecs() {
    }

    public static List<Codec<?>> all() {
        // Some letters become two in lower case, which takes the JDK several copies.
        return List.of(http(), socks5(), Codec.ofText("no-proxy", text -> NoProxy.covers(text, SERVER)).from("a, .b:1 *.test:443", "10.0.0.0/8,[::1]:443 *").spicedWith("*", ",", ".", ":443", "/", "[", "]", "test")
                .allocates(8 * 1024, 500));
    }

    private static Codec<?> http() {
        Codec<Integer> codec = Codec.<Integer>ofStream("proxy-http", (raw, found) -> {
            InputStream in = buffered(raw);
            new HttpConnect(proxy(Proxy.Kind.HTTP), SERVER).open(in, OutputStream.nullOutputStream());
            // The first octet behind it is the server's, and still there.
            found.accept(in.read());
        }).refusesBy(ProxyException.class, HttpException.class, EOFException.class).upTo(HttpConnect.MAX_HEAD + 100).allocates(64 * 1024, 24)
            .spicedWith("HTTP/1.1 ", "\r\n", "\r\n\r\n", "200", "407");
        for (String head : HEADS) {
            codec.from(head.getBytes(ISO_8859_1));
        }
        return codec;
    }

    private static Codec<?> socks5() {
        Codec<Integer> codec = Codec.<Integer>ofStream("proxy-socks5", (raw, found) -> {
            InputStream in = buffered(raw);
            new Socks5(proxy(Proxy.Kind.SOCKS5), SERVER).open(in, OutputStream.nullOutputStream());
            found.accept(in.read());
        }).refusesBy(ProxyException.class, EOFException.class).allocates(16 * 1024, 8);
        for (String octets : OCTETS) {
            codec.from(HexFormat.of().parseHex(octets));
        }
        return codec;
    }

    /** As a connection is. */
    private static InputStream buffered(InputStream raw) {
        return new BufferedInputStream(raw, 1024);
    }

    private static Proxy proxy(Proxy.Kind kind) {
        return new Proxy(kind, new HostPort("proxy.test", 1), new Proxy.Login("me", "secret"), "--proxy");
    }
}
