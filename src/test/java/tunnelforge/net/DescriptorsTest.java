package tunnelforge.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DescriptorsTest {
    private static int forConnections(String softLimit) {
        return Descriptors.forConnections(Stream.of(
                "Limit                     Soft Limit           Hard Limit           Units     ",
                "Max processes             7                    7                    processes ",
                "Max open files            " + softLimit + "                 1048576              files     "));
    }

    @ParameterizedTest
    @CsvSource({"1024, 832", "200, 111", "1048576, 917440", "64, 1", "0, 1"})
    void anEighthAndSomeMoreAreKeptForOtherThings(String softLimit, int connections) {
        assertEquals(connections, forConnections(softLimit));
    }

    @ParameterizedTest
    @CsvSource({"unlimited", "9999999999999999999"})
    void whatIsNoNumberIsNoLimit(String softLimit) {
        assertEquals(Integer.MAX_VALUE, forConnections(softLimit));
    }

    @Test
    void whereNothingIsSaidThereIsNoLimit() {
        assertEquals(Integer.MAX_VALUE, Descriptors.forConnections(Stream.of()));
    }

    @Test
    void thisProgramMayHaveSome() {
        assertTrue(Descriptors.forConnections() > 0);
    }
}
