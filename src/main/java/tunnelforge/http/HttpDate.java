package tunnelforge.http;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoField;
import java.util.Locale;

/** Points in time as fields hold them (RFC 9110 section 5.6.7): written in one form, read in three. */
public final class HttpDate {
    private static final int MAX_CHARS = 40;
    /** A year of two digits is at most this far ahead. */
    private static final int YEARS_AHEAD = 50;

    private static final DateTimeFormatter IMF_FIXDATE = DateTimeFormatter.ofPattern("EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.US)
            .withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter ASCTIME = DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss uuuu", Locale.US);

    private HttpDate() {
    }

    /** Writes a date, for example {@code Sun, 06 Nov 1994 08:49:37 GMT}; what is below a second is cut off. */
    public static String format(Instant time) {
        return IMF_FIXDATE.format(time);
    }

    /** Reads a date in any of the three forms; null when it is none. */
    public static Instant parse(String value) {
        if (value.length() > MAX_CHARS) {
            return null;
        }
        Instant time = parse(value, IMF_FIXDATE);
        if (time == null) {
            time = parse(value, ASCTIME);
        }
        return time == null ? parse(value, rfc850()) : time;
    }

    private static Instant parse(String value, DateTimeFormatter form) {
        try {
            return LocalDateTime.parse(value, form).toInstant(ZoneOffset.UTC);
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    private static DateTimeFormatter rfc850() {
        int firstYear = LocalDate.now(ZoneOffset.UTC).getYear() + YEARS_AHEAD - 99;
        return new DateTimeFormatterBuilder().appendPattern("EEEE, dd-MMM-").appendValueReduced(ChronoField.YEAR, 2, 2, firstYear)
                .appendPattern(" HH:mm:ss 'GMT'").toFormatter(Locale.US);
    }
}
