package tunnelforge.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What Upgrade means in requests and answers (RFC 9110 section 7.8). Call these before {@link HopByHop#strip}.
 *
 * <p>Another HTTP (h2c) or TLS is never passed on: requests inside it could not be routed and authorised one by one. Nor is what is no protocol by the
 * grammar, which a lenient service might take for one of those.
 */
public final class Upgrade {
    /** Octets of the longest body that goes ahead of what a request upgrades to; with a longer one, or one of unknown length, it is an ordinary request. */
    public static final int MAX_BODY = 64 * 1024;

    private Upgrade() {
    }

    /**
     * The protocols that a request asks for, as one list; null when it asks for none that can be passed on. In HTTP/1.0 there is no Upgrade.
     *
     * @param framing of its body
     */
    public static String asked(RequestHead head, Framing framing) {
        Fields fields = head.fields();
        boolean bodyGoesAhead = framing instanceof Framing.None || framing instanceof Framing.Length(long bytes) && bytes <= MAX_BODY;
        return head.minorVersion() > 0 && bodyGoesAhead && fields.hasToken("Connection", "upgrade") ? list(fields) : null;
    }

    /** Whether a 101 switches to what was asked for, and to nothing else. */
    public static boolean isGranted(String asked, ResponseHead answer) {
        List<String> named = protocols(answer.fields());
        List<String> allowed = new ArrayList<>();
        for (ListMembers members = new ListMembers(asked == null ? "" : asked); members.next();) {
            allowed.add(lower(members.text()));
        }
        return !named.isEmpty() && named.stream().allMatch(protocol -> allowed.contains(lower(protocol)));
    }

    /** What another answer than a 101 says could be upgraded to, as one list, as far as it could be through here; null for nothing. A 426 has to say all of it. */
    public static String offered(ResponseHead answer) {
        return answer.status() == 426 && answer.fields().contains("Upgrade") ? String.join(", ", answer.fields().all("Upgrade")) : list(answer.fields());
    }

    private static String list(Fields fields) {
        if (!fields.contains("Upgrade")) {
            return null;
        }
        List<String> passed = protocols(fields).stream().filter(Upgrade::canBePassedOn).toList();
        return passed.isEmpty() ? null : String.join(", ", passed);
    }

    private static List<String> protocols(Fields fields) {
        List<String> protocols = new ArrayList<>();
        for (String value : fields.all("Upgrade")) {
            for (ListMembers members = new ListMembers(value); members.next();) {
                protocols.add(members.text());
            }
        }
        return protocols;
    }

    private static boolean canBePassedOn(String protocol) {
        int slash = protocol.indexOf('/');
        String name = slash < 0 ? protocol : protocol.substring(0, slash);
        if (!Octets.isToken(name) || slash >= 0 && !Octets.isToken(protocol.substring(slash + 1))) {
            return false;
        }
        // There were drafts of HTTP/2, as in h2c-14.
        String family = lower(name).split("-", 2)[0];
        return !family.equals("h2") && !family.equals("h2c") && !family.equals("http") && !family.equals("tls");
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }
}
