package tunnelforge.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.zip.CRC32;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens that say themselves whether they are whole. */
final class AccessTokenTest {
    private static final String DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private final String token = AccessToken.make(new SecureRandom());

    private static long number(String digits) {
        return digits.chars().mapToObj(c -> BigInteger.valueOf(DIGITS.indexOf(c))).reduce(BigInteger.ZERO, (sum, digit) -> sum.multiply(BigInteger.valueOf(62)).add(digit)).longValueExact();
    }

    @RepeatedTest(20)
    void itHas256BitsAndTheirCrc() {
        assertTrue(token.matches("tf_[0-9A-Za-z]{49}"), token);
        CRC32 crc = new CRC32();
        crc.update(token.substring(0, 46).getBytes());
        assertEquals(crc.getValue(), number(token.substring(46)));
        assertNull(AccessToken.problem(token));
        assertNotEquals(token, AccessToken.make(new SecureRandom()));
    }

    @Test
    void anyOtherCharacterIsNoticed() {
        for (int i = 3; i < token.length(); i++) {
            char other = token.charAt(i) == 'x' ? 'y' : 'x';
            assertNotNull(AccessToken.problem(token.substring(0, i) + other + token.substring(i + 1)), "at " + i);
        }
    }

    @Test
    void twoThatChangedPlacesAreNoticed() {
        for (int i = 3; i + 1 < token.length(); i++) {
            String swapped = token.substring(0, i) + token.charAt(i + 1) + token.charAt(i) + token.substring(i + 2);
            assertEquals(swapped.equals(token), AccessToken.problem(swapped) == null, "at " + i);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 11})
    void onesThatWereCutOffAreNoticed(int lost) {
        String problem = AccessToken.problem(token.substring(0, token.length() - lost));
        assertTrue(problem.contains((52 - lost) + " characters where one has 52"), problem);
        assertNotNull(AccessToken.problem(token + "x".repeat(lost)));
    }

    /** The form of earlier servers, and operators' own. */
    @ParameterizedTest
    @ValueSource(strings = {"tf_lC3NEXI3q6m9Vd1gsA7B2Z0nXo4hT5kP", "tf_wrong", "secret", "tf_with-a-hyphen-and_so_no_token_of_this_kind_at_all", ""})
    void othersAreNotJudged(String other) {
        assertNull(AccessToken.problem(other));
    }
}
