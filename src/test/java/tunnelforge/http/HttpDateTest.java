package tunnelforge.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpDateTest {
    private static final Instant EXAMPLE = Instant.parse("1994-11-06T08:49:37Z");

    @Test
    void writesTheOneForm() {
        assertEquals("Sun, 06 Nov 1994 08:49:37 GMT", HttpDate.format(EXAMPLE.plusMillis(999)));
        assertEquals("Mon, 01 Sep 2025 00:00:00 GMT", HttpDate.format(Instant.parse("2025-09-01T00:00:00Z")));
    }

    /** The examples of RFC 9110 section 5.6.7. */
    @ParameterizedTest
    @ValueSource(strings = {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"})
    void readsAllThree(String text) {
        assertEquals(EXAMPLE, HttpDate.parse(text));
    }

    @Test
    void readsWhatItWrites() {
        for (long day = 0; day < 800; day++) {
            Instant time = EXAMPLE.plusSeconds(day * 86_400 + day);
            assertEquals(time, HttpDate.parse(HttpDate.format(time)));
        }
    }

    @Test
    void twoDigitsOfAYearAreAtMostFiftyYearsAhead() {
        int year = LocalDate.now(ZoneOffset.UTC).getYear();
        for (int ahead : new int[] {50, 51}) {
            LocalDate date = LocalDate.of(year + ahead - (ahead > 50 ? 100 : 0), 1, 1);
            String day = date.getDayOfWeek().getDisplayName(java.time.format.TextStyle.FULL, java.util.Locale.US);
            String text = "%s, 01-Jan-%02d 00:00:00 GMT".formatted(day, date.getYear() % 100);
            assertEquals(date.atStartOfDay().toInstant(ZoneOffset.UTC), HttpDate.parse(text), text);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "yesterday", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET", "Mon, 06 Nov 1994 08:49:37 GMT",
        "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT", "\"an entity tag\"", "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT"})
    void whatIsNoDateIsNone(String text) {
        assertNull(HttpDate.parse(text));
    }
}
