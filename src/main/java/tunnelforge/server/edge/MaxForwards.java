package tunnelforge.server.edge;

import tunnelforge.http.Fields;
import tunnelforge.http.RequestHead;

/** How far OPTIONS and TRACE go (RFC 9110 section 7.6.2). In other requests the field means nothing. */
final class MaxForwards {
    private static final String FIELD = "Max-Forwards";
    private static final int MOST_DIGITS = 9;
    private static final int NONE = -1;
    private static final int INVALID = -2;

    private MaxForwards() {
    }

    /** Whether the request goes no further than this server. */
    static boolean endHere(RequestHead request) {
        return of(request) == 0;
    }

    static boolean isInvalid(RequestHead request) {
        return of(request) == INVALID;
    }

    /** Counts this server, if the field is there. */
    static void count(RequestHead request) {
        int most = of(request);
        if (most > 0) {
            request.fields().set(FIELD, Integer.toString(most - 1));
        }
    }

    private static int of(RequestHead request) {
        String method = request.method();
        if (!method.equals("OPTIONS") && !method.equals("TRACE")) {
            return NONE;
        }
        Fields fields = request.fields();
        String value = fields.get(FIELD);
        if (value == null) {
            return NONE;
        }
        boolean valid = fields.count(FIELD) == 1 && !value.isEmpty() && value.chars().allMatch(c -> c >= '0' && c <= '9');
        String digits = value.replaceFirst("^0+(?=.)", "");
        return !valid ? INVALID : digits.length() > MOST_DIGITS ? Integer.MAX_VALUE : Integer.parseInt(digits);
    }
}
