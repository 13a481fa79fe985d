package tunnelforge.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HostNamesTest {
    @ParameterizedTest
    @ValueSource(strings = {"a", "a.b", "a-b.c", "_acme.example", "1.example", "xn--bcher-kva.example", "a_b.c"})
    void isAName(String name) {
        assertTrue(HostNames.isName(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "a.", ".a", "a..b", "-a.b", "a-.b", "a b", "a/b", "a:1", "::1", "*.a", "ü.example", "a\u0000b"})
    void isNoName(String name) {
        assertFalse(HostNames.isName(name));
    }

    @Test
    void labelsAndNamesHaveALongestForm() {
        String label = "a".repeat(63);
        assertTrue(HostNames.isName(label));
        assertFalse(HostNames.isName(label + "a"));
        String name = (label + ".").repeat(3) + "a".repeat(61);
        assertEquals(253, name.length());
        assertTrue(HostNames.isName(name));
        assertFalse(HostNames.isName(name + "a"));
    }

    @ParameterizedTest
    @CsvSource({"A.Example., a.example", "bücher.example, xn--bcher-kva.example", "[::1], ::1", "[2001:DB8::1], 2001:db8::1", "a, a"})
    void haveOneFormForComparing(String written, String form) {
        assertEquals(form, HostNames.normalise(written));
    }

    @Test
    void whatIsTooLongForANameInAnyScriptStaysAsItIs() {
        for (String text : new String[] {"\u00fc" + "a".repeat(2000), "\u03a3".repeat(20_000)}) {
            assertEquals(text, HostNames.normalise(text));
        }
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, true", "a.1, true", "1, true", "a.0x7F, true", "a.0x, true", "1.a, false", "a.1x, false", "0xg, false", "'', false"})
    void someLookLikeAnAddressToBrowsers(String name, boolean number) {
        assertEquals(number, HostNames.endsInNumber(name));
    }
}
