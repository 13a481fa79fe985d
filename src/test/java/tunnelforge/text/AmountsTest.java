package tunnelforge.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AmountsTest {
    @ParameterizedTest
    @CsvSource({"0, 0 B", "999, 999 B", "1000, 1.0 kB", "4096, 4.1 kB", "9949, 9.9 kB", "9950, 10 kB", "999499, 999 kB", "999500, 1.0 MB", "25400000, 25 MB",
            "5000000000, 5.0 GB", "9223372036854775807, 9223372 TB"})
    void bytesAreInPowersOfAThousand(long count, String text) {
        assertEquals(text, Amounts.bytes(count));
    }

    @ParameterizedTest
    @CsvSource({"0, 0 ms", "12, 12 ms", "999, 999 ms", "1000, 1.0 s", "1249, 1.2 s", "9950, 10 s", "59499, 59 s", "59500, 1 min", "150000, 3 min", "5970000, 2 h", "86400000, 24 h"})
    void timesHaveOneUnit(long millis, String text) {
        assertEquals(text, Amounts.time(Duration.ofMillis(millis)));
    }
}
