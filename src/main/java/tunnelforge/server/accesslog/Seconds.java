package tunnelforge.server.accesslog;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;

/** Times of day to the second as text; the last one is remembered, since most lines are of the same. For one task. */
final class Seconds {
    private static final long MILLIS = 1_000;

    private final DateTimeFormatter format;
    private long second = Long.MIN_VALUE;
    private String text;

    Seconds(DateTimeFormatter format, ZoneId zone) {
        this.format = format.withZone(zone);
    }

    /** {@code millis}: since the epoch. */
    String of(long millis) {
        long now = Math.floorDiv(millis, MILLIS);
        if (now != second) {
            second = now;
            text = format.format(Instant.ofEpochSecond(now));
        }
        return text;
    }
}
