package tunnelforge.server.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.net.ManualClock;
import tunnelforge.server.access.VisitorRules.Answer;
import tunnelforge.text.AddressRange;
import tunnelforge.text.Addresses;
import tunnelforge.wire.VisitorAccess;

/** Who may visit a tunnel. */
final class VisitorRulesTest {
    private static final InetAddress SOMEWHERE = Addresses.parse("192.0.2.1");

    private final ManualClock clock = new ManualClock();

    private VisitorRules rules(List<String> users, List<String> allow, List<String> deny) {
        return VisitorRules.of(new VisitorAccess(users, allow.stream().map(AddressRange::parse).toList(), deny.stream().map(AddressRange::parse).toList()), clock);
    }

    private VisitorRules users(String... users) {
        return rules(List.of(users), List.of(), List.of());
    }

    private static String basic(String userAndPassword) {
        return "Basic " + Base64.getEncoder().encodeToString(userAndPassword.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void withoutRulesThereAreNone() {
        assertNull(VisitorRules.of(VisitorAccess.ANYBODY, clock));
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.0/24, '', 192.0.2.9, true", "192.0.2.0/24, '', 192.0.3.9, false", "192.0.2.0/24, '', 2001:db8::1, false", "'', 192.0.2.0/24, 192.0.2.9, false",
        "'', 192.0.2.0/24, 2001:db8::1, true", "192.0.2.0/24, 192.0.2.9, 192.0.2.9, false", "192.0.2.0/24, 192.0.2.9, 192.0.2.8, true", "0.0.0.0/0, '', 2001:db8::1, false",
        "0.0.0.0/0 ::/0, '', 2001:db8::1, true", "'', ::/0, 2001:db8::1, false", "'', ::/0, 192.0.2.9, true", "192.0.2.77/24, '', 192.0.2.9, true",
        "'', 192.0.2.9, ::ffff:192.0.2.9, false", "::ffff:192.0.2.0/120, '', 192.0.2.9, true", "0.0.0.0/0, 0.0.0.0/0, 192.0.2.9, false"
    })
    void denyWinsOverAllowAndWithAnyAllowOnlyThoseMay(String allow, String deny, String address, boolean admitted) {
        VisitorRules rules = rules(List.of(), split(allow), split(deny));
        assertEquals(admitted, rules.admits(Addresses.parse(address)));
        assertFalse(rules.admits(null), "an address that is not known");
    }

    private static List<String> split(String ranges) {
        return ranges.isEmpty() ? List.of() : List.of(ranges.split(" "));
    }

    @Test
    void whereOnlyAPasswordIsAskedForAnyAddressMayBeUnknown() {
        assertTrue(users("u:p").admits(null));
    }

    @Test
    void eachOfTheUsersMayWithTheOwnPassword() {
        VisitorRules rules = users("eve:one", "bob:two", "zoë:pässwort✓:x", ":noname");
        for (String right : List.of("eve:one", "bob:two", "zoë:pässwort✓:x", ":noname")) {
            assertEquals(Answer.WELCOME, rules.judge(basic(right), SOMEWHERE), right);
        }
        for (String wrong : List.of("eve:two", "bob:one", "eve:one ", "Eve:one")) {
            assertEquals(Answer.PASSWORD_WRONG, rules.judge(basic(wrong), SOMEWHERE), wrong);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"basic dTpw", "BASIC dTpw", "bAsIc  dTpw", "Basic dTpw "})
    void theSchemeHasNoCase(String authorization) {
        assertEquals(Answer.WELCOME, users("u:p").judge(authorization, SOMEWHERE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Basic", "Bearer dTpw", "Digest username=\"u\"", "dTpw", "Basicx dTpw", "Basic\tdTpw", "Negotiate dTpw"})
    void whatIsNotOfTheSchemeIsNoPassword(String authorization) {
        assertEquals(Answer.PASSWORD_WANTED, users("u:p").judge(authorization, SOMEWHERE));
        assertEquals(Answer.PASSWORD_WANTED, users("u:p").judge(null, SOMEWHERE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Basic ", "Basic *", "Basic u:p", "Basic dTp", "Basic dTpw, Basic dTpw", "Basic dTpw=", "Basic dXA=", "Basic dTpw\u00e9", "Basic \ud83d"})
    void whatIsOddIsWrong(String authorization) {
        assertEquals(Answer.PASSWORD_WRONG, users("u:p").judge(authorization, SOMEWHERE));
    }

    @Test
    void whoGuessesIsNotListenedToNotEvenWhenItIsRight() {
        VisitorRules rules = users("u:p");
        for (int i = 0; i < Guesses.FREE; i++) {
            assertEquals(Answer.PASSWORD_WANTED, rules.judge(null, SOMEWHERE), "no guess");
            assertEquals(Answer.PASSWORD_WRONG, rules.judge(basic("u:" + i), SOMEWHERE));
        }
        assertEquals(Answer.TOO_MANY_GUESSES, rules.judge(basic("u:p"), SOMEWHERE));
        assertEquals(Guesses.FIRST_WAIT, rules.refusedFor(SOMEWHERE));
        assertEquals(Answer.WELCOME, rules.judge(basic("u:p"), Addresses.parse("192.0.2.2")), "another address");
        clock.advance(Guesses.FIRST_WAIT);
        assertEquals(Answer.WELCOME, rules.judge(basic("u:p"), SOMEWHERE));
    }

    @Test
    void rulesAreTheSameWhenTheyAdmitTheSame() {
        assertEquals(rules(List.of("u:p"), List.of("10.0.0.0/8"), List.of()), rules(List.of("u:p"), List.of("10.0.0.0/8"), List.of()));
        assertEquals(rules(List.of("u:p"), List.of("10.0.0.0/8"), List.of()).hashCode(), rules(List.of("u:p"), List.of("10.0.0.0/8"), List.of()).hashCode());
        assertNotEquals(users("u:p"), users("u:q"));
        assertNotEquals(users("u:p"), users("u:p", "v:q"));
        assertNotEquals(rules(List.of(), List.of("10.0.0.0/8"), List.of()), rules(List.of(), List.of(), List.of("10.0.0.0/8")));
    }
}
