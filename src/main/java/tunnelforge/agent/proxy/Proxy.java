package tunnelforge.agent.proxy;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import tunnelforge.cli.HostPort;
import tunnelforge.cli.UsageException;

/**
 * A proxy that opens connections for others. It learns where to, as a name that it looks up itself, and passes bytes on: TLS is spoken with the server through it.
 *
 * @param login what it is shown; null for nothing
 * @param source where a person has named it: an option or a variable
 */
public record Proxy(Kind kind, HostPort address, Login login, String source) {
    private static final String FORM = " takes http://HOST:PORT or socks5://HOST:PORT, with USER:PASSWORD@ before the host where the proxy asks for that";
    private static final int HTTP_PORT = 80;
    private static final int SOCKS_PORT = 1080;

    /** What it speaks. */
    public enum Kind {
        /** CONNECT (RFC 9110 section 9.3.6). */
        HTTP("http"),
        /** RFC 1928. */
        SOCKS5("socks5");

        private final String scheme;

        Kind(String scheme) {
            this.scheme = scheme;
        }
    }

    /** Both not empty for SOCKS5 (RFC 1929), of at most 255 octets each; no colon in the user for HTTP (RFC 7617). */
    public record Login(String user, String password) {
        private static final int MAX_OCTETS = 255;

        /** What is wrong with it for a kind of proxy; null when nothing. */
        String problem(Kind kind) {
            if ((user + password).chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
                return "user and password have no control characters";
            }
            return switch (kind) {
                case HTTP -> user.indexOf(':') >= 0 ? "a user has no colon" : octets(user).length + octets(password).length > 2 * MAX_OCTETS ? "user and password are too long" : null;
                case SOCKS5 -> isBetween1And255(octets(user)) && isBetween1And255(octets(password)) ? null : "SOCKS5 takes a user and a password of 1 to " + MAX_OCTETS + " octets each";
            };
        }

        private static boolean isBetween1And255(byte[] octets) {
            return octets.length > 0 && octets.length <= MAX_OCTETS;
        }

        static byte[] octets(String text) {
            return text.getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public String toString() {
            return "Login[hidden]";
        }
    }

    /**
     * Reads {@code http://USER:PASSWORD@HOST:PORT} or {@code socks5://...}; without a scheme it is HTTP. User and password are percent-encoded (RFC 3986 section 3.2.1).
     *
     * @throws UsageException naming the source, and quoting nothing that could be a password
     */
    public static Proxy parse(String text, String source) throws UsageException {
        int schemeEnd = text.indexOf("://");
        String scheme = schemeEnd < 0 ? Kind.HTTP.scheme : text.substring(0, schemeEnd);
        Kind kind = kind(scheme, source);
        String rest = schemeEnd < 0 ? text : text.substring(schemeEnd + 3);
        if (rest.endsWith("/")) {
            rest = rest.substring(0, rest.length() - 1);
        }
        int loginEnd = rest.lastIndexOf('@');
        HostPort address = address(rest.substring(loginEnd + 1), kind, source);
        return new Proxy(kind, address, loginEnd < 0 ? null : login(rest.substring(0, loginEnd), kind, source), source);
    }

    /** Who forgets the at sign has written a password where the address is to be. */
    private static HostPort address(String text, Kind kind, String source) throws UsageException {
        try {
            return HostPort.parse(text, kind == Kind.HTTP ? HTTP_PORT : SOCKS_PORT);
        } catch (UsageException e) {
            throw new UsageException(source + FORM);
        }
    }

    private static Kind kind(String scheme, String source) throws UsageException {
        return switch (scheme.toLowerCase(Locale.ROOT)) {
            case "http" -> Kind.HTTP;
            case "socks5", "socks5h" -> Kind.SOCKS5;
            case "https" -> throw new UsageException(source + ": TLS to the proxy itself is not spoken: write http:// (what the agent sends through it is TLS all the way to the server)");
            default -> throw new UsageException(source + FORM);
        };
    }

    private static Login login(String text, Kind kind, String source) throws UsageException {
        int colon = text.indexOf(':');
        Login login = new Login(decoded(colon < 0 ? text : text.substring(0, colon), source), colon < 0 ? "" : decoded(text.substring(colon + 1), source));
        String problem = login.problem(kind);
        if (problem != null) {
            throw new UsageException(source + ": " + problem);
        }
        return login;
    }

    private static String decoded(String text, String source) throws UsageException {
        byte[] octets = Login.octets(text);
        int length = 0;
        for (int i = 0; i < octets.length; i++) {
            if (octets[i] == '%') {
                int high = i + 2 < octets.length ? Character.digit(octets[i + 1], 16) : -1;
                int low = i + 2 < octets.length ? Character.digit(octets[i + 2], 16) : -1;
                if (high < 0 || low < 0) {
                    throw new UsageException(source + ": a percent sign in user or password is written %25");
                }
                octets[length++] = (byte) (high << 4 | low);
                i += 2;
            } else {
                octets[length++] = octets[i];
            }
        }
        return new String(octets, 0, length, StandardCharsets.UTF_8);
    }

    /** Where it is, without what it is shown. */
    @Override
    public String toString() {
        return kind.scheme + "://" + address;
    }
}
