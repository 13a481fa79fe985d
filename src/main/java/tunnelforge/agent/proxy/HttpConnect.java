package tunnelforge.agent.proxy;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import tunnelforge.cli.HostPort;
import tunnelforge.http.Fields;
import tunnelforge.http.HttpReader;
import tunnelforge.http.HttpWriter;
import tunnelforge.http.RequestHead;
import tunnelforge.http.ResponseHead;
import tunnelforge.text.Printable;

/** CONNECT (RFC 9110 section 9.3.6), with Basic (RFC 7617) where there is a login. */
final class HttpConnect {
    /** Of the proxy's answer, in octets. What follows it is the server's. */
    static final int MAX_HEAD = 16 * 1024;

    private static final int HEAD_BUFFER = 2 * 1024;
    private static final String BEGINNING = "HTTP/";
    private static final int MAX_SHOWN = 100;
    /** Several challenges may share a line (RFC 9110 section 11.6.1). */
    private static final Pattern BASIC = Pattern.compile("(^|,)[ \t]*Basic([ \t,]|$)", Pattern.CASE_INSENSITIVE);

    private final Proxy proxy;
    private final HostPort server;

    HttpConnect(Proxy proxy, HostPort server) {
        this.proxy = proxy;
        this.server = server;
    }

    void open(InputStream in, OutputStream out) throws IOException {
        Fields fields = new Fields();
        fields.add("Host", server.toString());
        if (proxy.login() != null) {
            fields.add("Proxy-Authorization", "Basic " + Base64.getEncoder().encodeToString(Proxy.Login.octets(proxy.login().user() + ":" + proxy.login().password())));
        }
        HttpWriter writer = new HttpWriter(out, HEAD_BUFFER);
        writer.head(new RequestHead("CONNECT", server.toString(), 1, fields));
        writer.flush();
        Head head = new Head(in);
        ResponseHead answer = head.next();
        while (answer.isInformational()) {
            answer = head.next();
        }
        if (answer.status() / 100 != 2) {
            throw refused(answer);
        }
    }

    private ProxyException refused(ResponseHead answer) {
        String code = Printable.line(Printable.cut((answer.status() + " " + answer.reason()).strip(), MAX_SHOWN));
        return switch (answer.status()) {
            // tinyproxy says 401 of what is wrong, and 407 of what is missing.
            case 401, 407 -> login(answer, code);
            case 403 -> new ProxyException(proxy, "the proxy does not let connections to " + server + " through (" + code + ")",
                    "ask whoever runs it to allow CONNECT to " + server + "; many allow port 443 alone");
            case 500, 502, 503, 504 -> new ProxyException(proxy, "the proxy has no connection to " + server + " (" + code + ")", "is the server running, and can the proxy reach it by this name and port?");
            default -> new ProxyException(proxy, "the proxy does not take CONNECT to " + server + " (" + code + ")",
                    "is this an HTTP proxy, and does it allow CONNECT? check " + proxy.source());
        };
    }

    private ProxyException login(ResponseHead answer, String code) {
        List<String> challenges = answer.fields().all("Proxy-Authenticate");
        if (!challenges.isEmpty() && challenges.stream().noneMatch(each -> BASIC.matcher(each).find())) {
            String schemes = Printable.line(Printable.cut(String.join(", ", challenges.stream().map(each -> each.split("[ ,]", 2)[0]).toList()), MAX_SHOWN));
            return ProxyException.ofLogin(proxy, "the proxy asks for a login by " + schemes + " (" + code + "), and agents know Basic alone",
                    "ask whoever runs it to accept Basic, or put a proxy between that knows " + schemes);
        }
        return ProxyException.ofLogin(proxy, code);
    }

    /** Reads heads, and not one octet more. */
    private final class Head {
        private final InputStream in;
        private final byte[] octets = new byte[MAX_HEAD];
        private int used;

        Head(InputStream in) {
            this.in = in;
        }

        ResponseHead next() throws IOException {
            int start = used;
            while (!isOver(start)) {
                int octet = in.read();
                if (octet < 0) {
                    throw new EOFException("inside the proxy's answer");
                }
                int at = used - start;
                if (used == MAX_HEAD || at < BEGINNING.length() && octet != BEGINNING.charAt(at)) {
                    throw ProxyException.unsuitable(proxy);
                }
                octets[used++] = (byte) octet;
            }
            return new HttpReader(new ByteArrayInputStream(octets, start, used - start), used - start).readResponse(used - start);
        }

        private boolean isOver(int start) {
            return used - start > BEGINNING.length() && octets[used - 1] == '\n' && (octets[used - 2] == '\n' || octets[used - 2] == '\r' && octets[used - 3] == '\n');
        }
    }
}
