package tunnelforge.http;

/** Which codings of a response's content its recipient takes (RFC 9110 section 12.5.3). */
public final class AcceptEncoding {
    private static final String NAME = "Accept-Encoding";
    private static final int UNSAID = -1;
    /** A weight of 1; all have at most three decimals. */
    private static final int MOST = 1000;

    private AcceptEncoding() {
    }

    /**
     * Whether gzip is asked for: by its name ({@code x-gzip} is the same, section 8.4.1.3) or else by {@code *}, with a weight that is neither 0 nor below that of an identity which is named. Without the
     * field it is not: anything would be acceptable then, but who sends none seldom decodes any.
     */
    public static boolean takesGzip(Fields request) {
        int gzip = UNSAID;
        int any = UNSAID;
        int identity = UNSAID;
        for (int i = 0; i < request.size(); i++) {
            if (!Fields.sameName(request.name(i), NAME)) {
                continue;
            }
            for (ListMembers members = new ListMembers(request.value(i)); members.next();) {
                String member = members.text();
                int semicolon = member.indexOf(';');
                String coding = (semicolon < 0 ? member : member.substring(0, semicolon)).strip();
                int weight = semicolon < 0 ? MOST : weight(member.substring(semicolon + 1).strip());
                if (coding.equalsIgnoreCase("gzip") || coding.equalsIgnoreCase("x-gzip")) {
                    gzip = lesser(gzip, weight);
                } else if (coding.equals("*")) {
                    any = lesser(any, weight);
                } else if (coding.equalsIgnoreCase("identity")) {
                    identity = lesser(identity, weight);
                }
            }
        }
        int asked = gzip == UNSAID ? any : gzip;
        return asked > 0 && asked >= identity;
    }

    /** What is said twice is meant by its lesser. */
    private static int lesser(int before, int weight) {
        return before == UNSAID ? weight : Math.min(before, weight);
    }

    /** In thousandths; 0 for what is no weight (section 12.4.2). */
    private static int weight(String text) {
        if (text.length() < 3 || text.length() > 7 || !text.regionMatches(true, 0, "q=", 0, 2) || text.length() > 3 && text.charAt(3) != '.') {
            return 0;
        }
        int weight = 0;
        int unit = MOST;
        for (int i = 2; i < text.length(); i += i == 2 ? 2 : 1) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return 0;
            }
            weight += digit * unit;
            unit /= 10;
        }
        return weight > MOST ? 0 : weight;
    }
}
