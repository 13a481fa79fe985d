package tunnelforge.server.edge;

import java.time.Instant;
import tunnelforge.http.Fields;
import tunnelforge.http.HttpDate;

/**
 * What the server says in an answer where that does not say it itself: when it was made, or passed here (RFC 9110 section 6.6.1; written anew once a second), and over https, where
 * the server's owner wants that, that browsers are to use nothing else (RFC 6797). For one task.
 */
final class OwnFields {
    private static final String DATE = "Date";
    private static final String HSTS = "Strict-Transport-Security";

    private final String hsts;
    private boolean https;
    private long second = Long.MIN_VALUE;
    private String date;

    /** {@code hsts}: the value of Strict-Transport-Security; null for none. */
    OwnFields(String hsts) {
        this.hsts = hsts;
    }

    /** Whether the visitor uses https, from the next answer on; at first it does not. */
    OwnFields over(boolean withTls) {
        https = withTls;
        return this;
    }

    void addTo(Fields fields) {
        if (https && hsts != null && !fields.contains(HSTS)) {
            fields.add(HSTS, hsts);
        }
        if (fields.contains(DATE)) {
            return;
        }
        long now = System.currentTimeMillis() / 1000;
        if (now != second) {
            second = now;
            date = HttpDate.format(Instant.ofEpochSecond(now));
        }
        fields.add(DATE, date);
    }
}
