package tunnelforge.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9110 section 12.5.3, for gzip. */
final class AcceptEncodingTest {
    private static boolean takes(String... values) {
        Fields fields = new Fields();
        for (String value : values) {
            fields.add("accept-encoding", value);
        }
        return AcceptEncoding.takesGzip(fields);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "GZip", "gzip, deflate, br, zstd", "br;q=1.0,gzip;q=0.8,*;q=0.1", "x-gzip", "*", "*;q=0.5", "deflate, * ; q=0.001", "gzip;q=0.001", "gzip ;\tQ=1.000",
        "*;q=0, gzip", "gzip, identity;q=0", "gzip, identity", "gzip;q=0.5, identity;q=0.5", "gzip;q=0.5, *;q=1", ",, gzip ,", "gzip;q=1.", "gzip;q=0.5, identity;q=0.499"})
    void gzipIsAskedFor(String value) {
        assertTrue(takes(value));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "identity", "br, deflate", "gzip;q=0", "gzip;q=0.000", "*, gzip;q=0", "*;q=0", "gzip, gzip;q=0", "gzip;q=0.4, identity;q=0.5", "gzip;q=0.4, identity",
        "gzip;q=2", "gzip;q=1.001", "gzip;q=0.0001", "gzip;q=-1", "gzip;q=", "gzip;q", "gzip;", "gzip;q=x", "gzip;q=1x", "gzip;level=9", "gzip;q=0.5;q=1", "gzipped", "gzi", "not-gzip", "gzip deflate", "\"gzip\""})
    void gzipIsNotAskedFor(String value) {
        assertFalse(takes(value));
    }

    @Test
    void allLinesMakeOneList() {
        assertTrue(takes("br", "gzip"));
        assertFalse(takes("gzip", "identity, gzip;q=0"));
    }

    @Test
    void whoSaysNothingGetsTheContentAsItIs() {
        assertFalse(takes());
    }

    @Test
    void weightsHaveUpToThreeDecimals() {
        for (int thousandths = 0; thousandths <= 1000; thousandths++) {
            String weight = thousandths == 1000 ? "1.000" : "0.%03d".formatted(thousandths);
            assertEquals(thousandths >= 500, takes("gzip;q=" + weight + ", identity;q=0.5"), weight);
        }
    }
}
