package tunnelforge.http;

import java.util.Locale;
import java.util.Set;

/** Logins that hold for a connection and for all requests on it: NTLM, Negotiate (RFC 4559) and their like. A connection on which one was begun is its visitor's alone. */
public final class ConnectionLogin {
    private static final Set<String> SCHEMES = Set.of("ntlm", "negotiate", "nego2", "kerberos");

    private ConnectionLogin() {
    }

    /** Whether a request takes a step of such a login. */
    public static boolean isIn(RequestHead head) {
        return names(head.fields(), "Authorization");
    }

    /** Whether an answer asks for such a login, or takes a step of one. */
    public static boolean isIn(ResponseHead head) {
        return names(head.fields(), "WWW-Authenticate");
    }

    private static boolean names(Fields fields, String field) {
        if (!fields.contains(field)) {
            return false;
        }
        for (String value : fields.all(field)) {
            // Inside a quoted string a name may be found that is none: that costs a connection.
            for (ListMembers members = new ListMembers(value); members.next();) {
                if (SCHEMES.contains(members.text().split("[ \t]", 2)[0].toLowerCase(Locale.ROOT))) {
                    return true;
                }
            }
        }
        return false;
    }
}
