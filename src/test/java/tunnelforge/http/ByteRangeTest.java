package tunnelforge.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteRangeTest {
    @ParameterizedTest
    @CsvSource({"bytes=0-0, 0, 0", "bytes=0-9, 0, 9", "bytes=0-, 0, 9", "bytes=9-, 9, 9", "bytes=9-9, 9, 9", "bytes=3-100, 3, 9", "bytes=-1, 9, 9",
        "bytes=-10, 0, 9", "bytes=-11, 0, 9", "bytes=-99999999999999999999, 0, 9", "bytes=0-99999999999999999999, 0, 9", "Bytes=1-2, 1, 2",
        "bytes= 1-2, 1, 2", "bytes=0000000000000000000001-2, 1, 2"})
    void aPartLiesWithinTheWhole(String value, long first, long last) {
        assertEquals(new ByteRange.Part(first, last), ByteRange.of(value, 10));
        assertEquals(last - first + 1, new ByteRange.Part(first, last).length());
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=10-", "bytes=10-10", "bytes=99999999999999999999-", "bytes=-0", "bytes=99999999999999999998-99999999999999999999"})
    void nothingThereIsUnsatisfiable(String value) {
        assertEquals(new ByteRange.Unsatisfiable(), ByteRange.of(value, 10));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "bytes", "bytes=", "bytes=-", "bytes=1", "bytes=2-1", "bytes=0-1,3-4", "bytes=0-1,", "items=0-1", "bytes=a-b", "bytes=0x1-2",
        "bytes=+1-2", "bytes=--1", "bytes 0-1", "bytes=1 - 2", "bytes=\u0661-"})
    void whatIsNotServedIsTheWhole(String value) {
        assertEquals(new ByteRange.Whole(), ByteRange.of(value, 10));
    }

    @Test
    void anEmptyRepresentationHasNoParts() {
        assertEquals(new ByteRange.Whole(), ByteRange.of(null, 0));
        assertEquals(new ByteRange.Whole(), ByteRange.of("bytes=-1", 0));
        assertEquals(new ByteRange.Unsatisfiable(), ByteRange.of("bytes=0-", 0));
    }
}
