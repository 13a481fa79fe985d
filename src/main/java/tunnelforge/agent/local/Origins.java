package tunnelforge.agent.local;

import java.util.Locale;
import tunnelforge.http.Fields;
import tunnelforge.http.SetCookie;
import tunnelforge.text.Addresses;
import tunnelforge.text.Authority;

/**
 * The two origins (RFC 6454) of one exchange: the one that the visitor uses, and the one that the local service is told. Whatever names the one in a head is put into
 * words of the other, so that either side hears one story: a service that compares Origin with its Host finds them the same, and its redirects lead the visitor
 * back here.
 */
final class Origins {
    /** The local service is told the visitor's. */
    static final Origins SAME = new Origins(null, null, null, 0);

    private static final String HTTP = "http";
    private static final String HTTPS = "https";
    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;

    /** An origin's scheme, and its authority without the scheme's own port. */
    private record Origin(String scheme, Authority authority) {
        static Origin of(String scheme, Authority authority) {
            int usual = scheme.equals(HTTPS) ? HTTPS_PORT : HTTP_PORT;
            return new Origin(scheme, authority.port(usual) == usual ? new Authority(authority.host(), Authority.NO_PORT) : authority);
        }

        @Override
        public String toString() {
            return scheme + "://" + authority;
        }
    }

    private final String host;
    private final Origin service;
    private final Origin visitor;
    private final int targetPort;

    private Origins(String host, Origin service, Origin visitor, int targetPort) {
        this.host = host;
        this.service = service;
        this.visitor = visitor;
        this.targetPort = targetPort;
    }

    /** {@code request}: as received from the server, which has told in it by which address the visitor came. */
    static Origins of(Fields request, HostHeader hostHeader, Target.Service target) {
        String host = hostHeader.fixed();
        if (host == null) {
            return SAME;
        }
        Authority told = Authority.parse(host);
        String said = request.contains("X-Forwarded-Host") ? request.get("X-Forwarded-Host") : request.get("Host");
        Authority used = said == null ? null : Authority.parse(said);
        if (told == null || used == null) {
            return new Origins(host, null, null, 0);
        }
        boolean tls = target instanceof Target.Tcp tcp && tcp.tls();
        String scheme = HTTP.equals(request.get("X-Forwarded-Proto")) ? HTTP : HTTPS;
        return new Origins(host, Origin.of(tls ? HTTPS : HTTP, told), Origin.of(scheme, used), target.port());
    }

    /** Changes a request's fields for the local service. */
    void toService(Fields fields) {
        if (host == null) {
            return;
        }
        fields.set("Host", host);
        if (service == null) {
            return;
        }
        for (int i = 0; i < fields.size(); i++) {
            String value = fields.value(i);
            String changed = switch (fields.name(i).length()) {
                case 2 -> is(fields, i, "If") ? inBrackets(value, false) : value;
                case 6 -> is(fields, i, "Origin") ? forService(value) : value;
                case 7 -> is(fields, i, "Referer") ? forService(value) : value;
                case 9 -> is(fields, i, "Forwarded") ? forwarded(value) : value;
                case 11 -> is(fields, i, "Destination") ? forService(value) : value;
                case 16 -> is(fields, i, "X-Forwarded-Host") ? host : value;
                case 17 -> is(fields, i, "X-Forwarded-Proto") ? service.scheme : value;
                default -> value;
            };
            if (!changed.equals(value)) {
                fields.setValue(i, changed);
            }
        }
    }

    /** Changes a response's fields for the visitor. */
    void toVisitor(Fields fields) {
        if (service == null) {
            return;
        }
        for (int i = 0; i < fields.size(); i++) {
            String value = fields.value(i);
            String changed = switch (fields.name(i).length()) {
                case 4 -> is(fields, i, "Link") ? inBrackets(value, true) : value;
                case 7 -> is(fields, i, "Refresh") ? refresh(value) : value;
                case 8 -> is(fields, i, "Location") ? forVisitor(value) : value;
                // Only the service's own host gets such a cookie back; without a Domain, only the tunnel does.
                case 10 -> is(fields, i, "Set-Cookie") ? SetCookie.withoutDomain(value, this::coversService) : value;
                case 16 -> is(fields, i, "Content-Location") ? forVisitor(value) : value;
                case 27 -> is(fields, i, "Access-Control-Allow-Origin") ? forVisitor(value) : value;
                default -> value;
            };
            if (!changed.equals(value)) {
                fields.setValue(i, changed);
            }
        }
    }

    private static boolean is(Fields fields, int i, String name) {
        return fields.name(i).equalsIgnoreCase(name);
    }

    /** RFC 7239 section 4, as the server writes it: what is quoted may look like a parameter and is none. */
    private String forwarded(String value) {
        StringBuilder to = new StringBuilder(value.length() + 32);
        for (int at = 0; at < value.length();) {
            int end = parameterEnd(value, at);
            String parameter = value.substring(at, end);
            String name = parameter.substring(0, parameter.indexOf('=') + 1);
            to.append(switch (name.toLowerCase(Locale.ROOT).strip()) {
                case "host=" -> name + '"' + host + '"';
                case "proto=" -> name + service.scheme;
                default -> parameter;
            });
            if (end < value.length()) {
                to.append(value.charAt(end));
            }
            at = end + 1;
        }
        return to.toString();
    }

    private static int parameterEnd(String value, int from) {
        boolean quoted = false;
        for (int i = from; i < value.length(); i++) {
            switch (value.charAt(i)) {
                case '"' -> quoted = !quoted;
                case '\\' -> i += quoted ? 1 : 0;
                case ',', ';' -> {
                    if (!quoted) {
                        return i;
                    }
                }
                default -> { }
            }
        }
        return value.length();
    }

    /** RFC 9110 has no Refresh; HTML has its syntax: seconds, and perhaps an address behind them. */
    private String refresh(String value) {
        int at = value.toLowerCase(Locale.ROOT).indexOf("url");
        int start = at < 0 ? -1 : value.indexOf('=', at) + 1;
        if (start < 1) {
            return value;
        }
        while (start < value.length() && " \t'\"".indexOf(value.charAt(start)) >= 0) {
            start++;
        }
        return value.substring(0, start) + forVisitor(value.substring(start));
    }

    /** The addresses in angle brackets of Link (RFC 8288) and If (RFC 4918). */
    private String inBrackets(String value, boolean forVisitor) {
        StringBuilder to = new StringBuilder(value.length() + 32);
        int from = 0;
        for (int open; (open = value.indexOf('<', from)) >= 0;) {
            int close = value.indexOf('>', open);
            int end = close < 0 ? value.length() : close;
            String address = value.substring(open + 1, end);
            to.append(value, from, open + 1).append(forVisitor ? forVisitor(address) : forService(address));
            from = end;
        }
        return to.append(value, from, value.length()).toString();
    }

    /** Whether an address is of the origin that the visitor uses, and the service is told its own instead. */
    boolean isVisitors(String uri) {
        return isVisitors(Split.of(uri));
    }

    private boolean isVisitors(Split split) {
        return split != null && split.scheme != null && Origin.of(split.scheme, split.authority).equals(visitor);
    }

    /** An address of the visitor's origin as the service's own. */
    private String forService(String uri) {
        Split split = Split.of(uri);
        return isVisitors(split) ? service + split.rest : uri;
    }

    /** An address of the service's, by whatever scheme, as one of the visitor's origin. */
    private String forVisitor(String uri) {
        Split split = Split.of(uri);
        return split != null && isService(split.authority) ? visitor + split.rest : uri;
    }

    /** Its port may be left out, as by who does not know it, and be the one that is really listened on. */
    private boolean isService(Authority named) {
        boolean itsPort = named.port() == service.authority.port() || named.port() == targetPort && targetPort != 0;
        if (named.host().equals(service.authority.host())) {
            int usual = service.scheme.equals(HTTPS) ? HTTPS_PORT : HTTP_PORT;
            return itsPort || named.port() == Authority.NO_PORT || named.port() == service.authority.port(usual);
        }
        return itsPort && named.port() != Authority.NO_PORT && isLoopback(named.host()) && isLoopback(service.authority.host());
    }

    private static boolean isLoopback(String host) {
        return host.equals("localhost") || Addresses.parse(host) != null && Addresses.parse(host).isLoopbackAddress();
    }

    private boolean coversService(String domain) {
        return SetCookie.covers(domain, service.authority.host());
    }

    /**
     * An absolute address in parts.
     *
     * @param scheme null where the address begins with its authority
     * @param rest path, query and fragment, as they are
     */
    private record Split(String scheme, Authority authority, String rest) {
        /** Null when it is none of http. */
        static Split of(String uri) {
            int slashes = uri.indexOf("//");
            String scheme = slashes == 0 ? null : slashes == 5 && uri.regionMatches(true, 0, "http:", 0, 5) ? HTTP
                    : slashes == 6 && uri.regionMatches(true, 0, "https:", 0, 6) ? HTTPS : "";
            if (slashes < 0 || "".equals(scheme)) {
                return null;
            }
            int end = slashes + 2;
            while (end < uri.length() && "/?#\"' ,;".indexOf(uri.charAt(end)) < 0) {
                end++;
            }
            Authority authority = Authority.parse(uri.substring(slashes + 2, end));
            return authority == null ? null : new Split(scheme, authority, uri.substring(end));
        }
    }
}
