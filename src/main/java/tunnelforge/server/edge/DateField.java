package tunnelforge.server.edge;

import java.time.Instant;
import tunnelforge.http.Fields;
import tunnelforge.http.HttpDate;

/** When an answer was made, or passed here, where it does not say so itself (RFC 9110 section 6.6.1). Written anew once a second. For one task. */
final class DateField {
    private static final String NAME = "Date";

    private long second = Long.MIN_VALUE;
    private String text;

    void addTo(Fields fields) {
        if (fields.contains(NAME)) {
            return;
        }
        long now = System.currentTimeMillis() / 1000;
        if (now != second) {
            second = now;
            text = HttpDate.format(Instant.ofEpochSecond(now));
        }
        fields.add(NAME, text);
    }
}
