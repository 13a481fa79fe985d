package tunnelforge.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.SecureRandom;
import org.junit.jupiter.api.Test;

final class IdsTest {
    @Test
    void have128BitsAsHexadecimalDigits() {
        SecureRandom random = new SecureRandom();
        assertTrue(Ids.secret(random).matches("[0-9a-f]{32}"));
        assertTrue(Ids.unique().matches("[0-9a-f]{32}"));
        assertNotEquals(Ids.secret(random), Ids.secret(random));
        assertNotEquals(Ids.unique(), Ids.unique());
        assertEquals(Ids.CHARACTERS, Ids.unique().length());
    }
}
