package tunnelforge.http;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/** What belongs to one connection and is not forwarded (RFC 9110 section 7.6.1), and what it says about that connection. */
public final class HopByHop {
    private HopByHop() {
    }

    /**
     * Removes the fields that end at this hop: Connection and what it names, Keep-Alive, Proxy-Connection,
     * Transfer-Encoding, Upgrade, HTTP2-Settings and TE; and with them every {@linkplain FieldRole#IMITATION imitation}. Trailer is kept.
     *
     * <p>Where Connection names a field meant for all recipients, which RFC 9110 section 7.6.1 forbids senders, that name
     * is passed over: heeding it would let a sender take routing, framing or credentials out of a message behind our back.
     * These are Host, Content-Length, -Type, -Encoding and -Range, Expect, Range, Authorization, WWW-Authenticate, their
     * Proxy- forms, Cookie, Set-Cookie, Origin, Cache-Control, CDN-Loop, Vary, Location and Trailer. Fields of our own are to be
     * added after this call, so that they cannot be named away.
     */
    public static void strip(Fields fields) {
        stripNamed(fields);
        fields.removeIf(HopByHop::isHopByHop);
    }

    /**
     * Whether whoever sent a head on this connection takes trailers (RFC 9110 section 10.1.4): TE without {@code Connection: TE} may have been passed on by somebody who
     * does not know it. Call it before {@link #strip}.
     */
    public static boolean takesTrailers(Fields fields) {
        return fields.hasToken("TE", "trailers") && fields.hasToken("Connection", "TE");
    }

    /**
     * Removes what may not come in a trailer section (RFC 9110 section 6.5.1): framing, routing, credentials and what says
     * how to read the content. {@link HttpReader#trailers} and {@link HttpWriter#endBody} do so already.
     */
    public static void stripTrailers(Fields trailers) {
        strip(trailers);
        trailers.removeIf(HopByHop::isEndToEnd);
    }

    /**
     * Whether a visitor will send another request on the connection (RFC 9112 section 9.3): not after {@code Connection: close}, nor in HTTP/1.0
     * without {@code keep-alive}. Call it before {@link #strip}.
     */
    public static boolean persists(RequestHead head) {
        return persists(head.fields(), head.minorVersion());
    }

    /**
     * Whether a local service will answer another request on the connection (RFC 9112 section 9.3), as far as its final head tells: not when it closes, when only its closing
     * ends the body, after a 101, and when it promised a body with a 204. Call it before {@link #strip}.
     *
     * @param shared whether somebody else may get the next answer: then it is not relied on either that a body is not sent which HEAD or a 304 has not said to be empty. That is right to say, but some do send it
     */
    public static boolean persists(ResponseHead head, Framing framing, boolean shared) {
        if (framing instanceof Framing.UntilClose || head.isInformational()) {
            return false;
        }
        if (framing instanceof Framing.None && (shared || head.status() == 204)) {
            String length = head.fields().get("Content-Length");
            boolean none = length == null ? head.status() == 204 || head.status() == 304 : length.equals("0");
            if (!none || head.fields().contains("Transfer-Encoding")) {
                return false;
            }
        }
        return persists(head.fields(), head.minorVersion());
    }

    private static boolean persists(Fields fields, int minorVersion) {
        return !fields.hasToken("Connection", "close") && (minorVersion == 1 || fields.hasToken("Connection", "keep-alive"));
    }

    /** Gathers the names first: looking for each among the fields would let a long Connection cost much. */
    private static void stripNamed(Fields fields) {
        Set<String> named = null;
        for (int i = 0; i < fields.size(); i++) {
            if (Fields.sameName(fields.name(i), "Connection")) {
                for (ListMembers members = new ListMembers(fields.value(i)); members.next();) {
                    if (!members.is("close") && !members.is("keep-alive") && !members.is("upgrade") && !members.is("TE")) {
                        named = named == null ? new HashSet<>() : named;
                        named.add(members.text().toLowerCase(Locale.ROOT));
                    }
                }
            }
        }
        if (named != null) {
            Set<String> leaving = named;
            fields.removeIf(name -> leaving.contains(name.toLowerCase(Locale.ROOT)) && !isEndToEnd(name));
        }
    }

    private static boolean isHopByHop(String name) {
        FieldRole role = FieldRole.of(name);
        return role == FieldRole.HOP_BY_HOP || role == FieldRole.IMITATION;
    }

    /** Routing, framing, how to read the content, credentials, and what caches obey. */
    private static boolean isEndToEnd(String name) {
        return isAnyOf(name, "Host", "Content-Length", "Content-Type", "Content-Encoding", "Content-Range", "Expect", "Range",
                "Authorization", "WWW-Authenticate", "Proxy-Authorization", "Proxy-Authenticate", "Cookie", "Set-Cookie",
                "Origin", "Cache-Control", "CDN-Loop", "Vary", "Location", "Trailer");
    }

    private static boolean isAnyOf(String name, String... names) {
        for (String other : names) {
            if (name.equalsIgnoreCase(other)) {
                return true;
            }
        }
        return false;
    }
}
