package tunnelforge.server.edge;

import java.net.InetAddress;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tunnelforge.http.Fields;
import tunnelforge.text.AddressRange;
import tunnelforge.text.Addresses;
import tunnelforge.text.Authority;

/**
 * What local services are told of who asks: X-Forwarded-For, -Proto and -Host, and Forwarded (RFC 7239), which say the same. What a believed peer, a load balancer,
 * has said in either way is kept, and the peer added behind it.
 */
final class Forwarding {
    private static final String FOR = "X-Forwarded-For";
    private static final String PROTO = "X-Forwarded-Proto";
    private static final String HOST = "X-Forwarded-Host";
    private static final String FORWARDED = "Forwarded";
    /** An address, perhaps with a port, or a word for one (RFC 7239 section 6). */
    private static final Pattern NODE = Pattern.compile("[A-Za-z0-9._:\\[\\]-]+");

    private Forwarding() {
    }

    /** The scheme, {@code http} or {@code https}, by which a request began, as a believed peer says; null when it does not. */
    static String saidScheme(Fields fields) {
        String said = first(fields, PROTO, "proto");
        return "https".equalsIgnoreCase(said) ? "https" : "http".equalsIgnoreCase(said) ? "http" : null;
    }

    /**
     * The visitor for whom a believed peer asks. Each has added behind the others for whom it was asked, so this is the last that is not believed itself, and
     * what stands before it are that one's own words.
     *
     * @return the first where all are believed, the peer where it names nobody; null when what was named is no address, or cannot be read
     */
    static InetAddress visitor(Fields fields, InetAddress peer, List<AddressRange> believed) {
        ForwardedChain chain = chain(fields);
        List<String> named = named(fields, chain);
        for (String node : named.reversed()) {
            String address = address(node);
            InetAddress visitor = address == null ? null : Addresses.parse(address);
            if (visitor == null || believed.stream().noneMatch(range -> range.contains(visitor))) {
                return visitor;
            }
        }
        if (named.isEmpty()) {
            return chain == null && !speaksX(fields) && fields.contains(FORWARDED) ? null : peer;
        }
        return Addresses.parse(address(named.getFirst()));
    }

    /** Tells of a visitor; the fields hold nothing of the kind. */
    static void tell(Fields fields, InetAddress visitor, boolean https, String host) {
        String address = Addresses.text(visitor);
        String proto = https ? "https" : "http";
        fields.add(FOR, address);
        fields.add(PROTO, proto);
        fields.add(HOST, host);
        fields.add(FORWARDED, element(quoted(address), host, proto));
    }

    /**
     * Tells of a visitor for whom a believed peer asks, who has perhaps said so in the fields.
     *
     * @param https whether the visitor uses that, as far as is known
     */
    static void tellBehind(Fields fields, InetAddress peer, boolean https, String host) {
        ForwardedChain chain = chain(fields);
        String asked = saidHost(fields, host);
        List<String> before = named(fields, chain);
        fields.removeIf(name -> name.equalsIgnoreCase(FOR) || name.equalsIgnoreCase(PROTO) || name.equalsIgnoreCase(HOST) || name.equalsIgnoreCase(FORWARDED));
        if (before.isEmpty()) {
            tell(fields, peer, https, asked);
            return;
        }
        String address = Addresses.text(peer);
        String proto = https ? "https" : "http";
        fields.add(FOR, String.join(", ", before) + ", " + address);
        fields.add(PROTO, proto);
        fields.add(HOST, asked);
        fields.add(FORWARDED, (chain == null ? elements(before, asked, proto) : chain) + ", for=" + quoted(address));
    }

    /** Null for a peer that speaks in the other way: then it does not know what a visitor has said in this one. */
    private static ForwardedChain chain(Fields fields) {
        return speaksX(fields) ? null : ForwardedChain.of(fields);
    }

    private static boolean speaksX(Fields fields) {
        return fields.contains(FOR) || fields.contains(PROTO) || fields.contains(HOST);
    }

    private static List<String> named(Fields fields, ForwardedChain chain) {
        return chain == null ? members(String.join(",", fields.all(FOR))) : nodes(chain);
    }

    private static String element(String node, String host, String proto) {
        return "for=" + node + ";host=\"" + host + "\";proto=" + proto;
    }

    /** RFC 7239 section 7.4. */
    private static String elements(List<String> addresses, String host, String proto) {
        StringBuilder elements = new StringBuilder(element(node(addresses.getFirst()), host, proto));
        for (String address : addresses.subList(1, addresses.size())) {
            elements.append(", for=").append(node(address));
        }
        return elements.toString();
    }

    /** Whatever is no address may be a visitor's own words. */
    private static String node(String said) {
        String address = address(said);
        return address == null ? "unknown" : quoted(address);
    }

    /** Without a port; null when it is none. */
    private static String address(String said) {
        String text = said.strip();
        Authority withPort = text.indexOf(':') < 0 || text.startsWith("[") || text.indexOf('.') >= 0 ? Authority.parse(text) : null;
        String address = withPort == null ? text : withPort.host();
        return Addresses.parse(address) == null ? null : address;
    }

    private static String quoted(String address) {
        return address.indexOf(':') >= 0 ? "\"[" + address + "]\"" : address;
    }

    /** The {@code for} of each element, as X-Forwarded-For has them: a list without quotes. */
    private static List<String> nodes(ForwardedChain chain) {
        return chain.all("for").stream().map(node -> node == null || !NODE.matcher(node).matches() ? "unknown"
                : node.startsWith("[") && node.endsWith("]") ? node.substring(1, node.length() - 1) : node).toList();
    }

    private static String saidHost(Fields fields, String host) {
        String said = first(fields, HOST, "host");
        return said != null && Authority.parse(said) != null ? said : host;
    }

    /** What the one nearest to the visitor has said, in the one way or in the other. */
    private static String first(Fields fields, String name, String parameter) {
        String list = fields.get(name);
        if (list != null) {
            return list.split(",", 2)[0].strip();
        }
        ForwardedChain chain = chain(fields);
        return chain == null ? null : chain.first(parameter);
    }

    private static List<String> members(String list) {
        return Stream.of(list.split(",")).map(String::strip).filter(member -> !member.isEmpty()).toList();
    }
}
