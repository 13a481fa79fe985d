package tunnelforge.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

final class CommandLineTest {
    private enum Shade { LIGHT, VERY_DARK }

    private static final List<Option> OPTIONS = List.of(
            Option.one("--port", "PORT", "the port"),
            Option.one("--token", "TOKEN", "the token"),
            Option.one("--subdomain", "NAME", "the name"),
            Option.one("--grace", "TIME", "how long"),
            Option.many("--allow", "CIDR", "who may visit"),
            Option.flag("--quiet", "say less"));

    private static CommandLine parse(String... args) throws UsageException {
        return CommandLine.parse(OPTIONS, 1, List.of(args));
    }

    private static void refused(String message, Executable call) {
        assertEquals(message, assertThrows(UsageException.class, call).getMessage());
    }

    private static void refused(String message, String... args) {
        refused(message, () -> parse(args));
    }

    @Test
    void valueMayFollowOrBeJoined() throws Exception {
        assertEquals("443", parse("--port", "443").value("--port"));
        assertEquals("443", parse("--port=443").value("--port"));
        assertEquals("a=b", parse("--token=a=b").value("--token"));
        assertEquals("--odd", parse("--token=--odd").value("--token"));
        assertEquals("-", parse("--token", "-").value("--token"));
        assertEquals("-1", parse("--port", "-1").value("--port"));
    }

    @Test
    void whatIsNotGivenIsAbsent() throws Exception {
        CommandLine line = parse();
        assertNull(line.value("--port"));
        assertEquals("x", line.value("--port", "x"));
        assertEquals(List.of(), line.values("--allow"));
        assertEquals(List.of(), line.operands());
        assertFalse(line.has("--quiet"));
        assertFalse(line.has("--port"));
        assertEquals(7, line.integer("--port", 1, 2, 7));
        assertEquals(Duration.ZERO, line.duration("--grace", Duration.ZERO));
        assertEquals(Shade.LIGHT, line.choice("--token", Shade.LIGHT));
    }

    @Test
    void optionsAndOperandsMayBeMixedAndTwoDashesEndTheOptions() throws Exception {
        CommandLine line = parse("--quiet", "8080", "--allow", "a", "--allow=b");
        assertEquals(List.of("8080"), line.operands());
        assertEquals(List.of("a", "b"), line.values("--allow"));
        assertTrue(line.has("--quiet"));
        assertTrue(line.has("--allow"));
        assertEquals(List.of("--port"), parse("--", "--port").operands());
        assertEquals(List.of("-"), parse("-").operands());
        assertEquals(List.of("--"), parse("--", "--").operands());
    }

    @Test
    void unknownOptionGetsTheNearestOne() {
        refused("unknown option --prot; did you mean --port?", "--prot", "443");
        refused("unknown option --sub; did you mean --subdomain?", "--sub=x");
        refused("unknown option --subdomian; did you mean --subdomain?", "--subdomian");
        refused("unknown option -port; did you mean --port?", "-port");
        refused("unknown option --colour", "--colour");
        refused("unknown option -p", "-p");
        refused("unknown option ---", "---");
    }

    @Test
    void unknownOptionNeverShowsItsValueOrDrivesTheTerminal() {
        refused("unknown option --tokn; did you mean --token?", "--tokn=tf_secret");
        refused("unknown option --\\u001b[2J\\n", "--\u001b[2J\n");
    }

    @Test
    void missingValueIsNamed() {
        refused("option --port needs PORT", "--port");
        refused("option --port needs PORT", "--port=");
        refused("option --port needs PORT", "--port", "");
        refused("option --port needs PORT before the next option", "--port", "--quiet");
        refused("option --port needs PORT before the next option", "--port", "--");
    }

    @Test
    void flagTakesNoValueAndNothingIsSilentlyRepeated() {
        refused("option --quiet takes no value", "--quiet=yes");
        refused("option --port is given twice", "--port", "1", "--port=1");
        refused("option --quiet is given twice", "--quiet", "--quiet");
    }

    @Test
    void operandTooManyIsShown() {
        refused("unexpected argument 'b'", "a", "b");
        refused("unexpected argument ''", "a", "");
        refused("unexpected argument '\\u001b'", "a", "\u001b");
    }

    @Test
    void integerIsHeldToItsRange() throws Exception {
        assertEquals(1, parse("--port=1").integer("--port", 1, 65535, 0));
        assertEquals(65535, parse("--port=65535").integer("--port", 1, 65535, 0));
        assertEquals(-5, parse("--port=-5").integer("--port", -5, 5, 0));
        assertEquals(Integer.MAX_VALUE, parse("--port=2147483647").integer("--port", 0, Integer.MAX_VALUE, 0));
        for (String wrong : List.of("0", "65536", "-1", "x", "+1", "1.0", "0x10", " 1", "4294967297", "99999999999999999999", "\u0661")) {
            refused("option --port must be a whole number from 1 to 65535, not '" + wrong + "'",
                    () -> parse("--port=" + wrong).integer("--port", 1, 65535, 0));
        }
    }

    @Test
    void durationTakesUnitsAndPlainSeconds() throws Exception {
        assertEquals(Duration.ofSeconds(30), parse("--grace=30s").duration("--grace", null));
        assertEquals(Duration.ofSeconds(30), parse("--grace=30").duration("--grace", null));
        assertEquals(Duration.ofMinutes(5), parse("--grace=5m").duration("--grace", null));
        assertEquals(Duration.ofHours(1), parse("--grace=1h").duration("--grace", null));
        assertEquals(Duration.ofMillis(250), parse("--grace=250ms").duration("--grace", null));
        assertEquals(Duration.ofDays(365), parse("--grace=365d").duration("--grace", null));
        assertEquals(Duration.ZERO, parse("--grace=0").duration("--grace", null));
        for (String wrong : List.of("s", "-1s", "1.5s", "1 s", "1S", "1w", "1h30m", "9999999999999")) {
            refused("option --grace must be a time such as 30s, 5m or 1h, not '" + wrong + "'",
                    () -> parse("--grace=" + wrong).duration("--grace", null));
        }
        for (String wrong : List.of("366d", "31536001", "999999999999d")) {
            refused("option --grace must be at most 365d, not '" + wrong + "'",
                    () -> parse("--grace=" + wrong).duration("--grace", null));
        }
    }

    @Test
    void choiceIsOneOfTheConstants() throws Exception {
        assertEquals(Shade.VERY_DARK, parse("--token=very-dark").choice("--token", Shade.LIGHT));
        refused("option --token must be light or very-dark, not 'LIGHT'",
                () -> parse("--token=LIGHT").choice("--token", Shade.LIGHT));
    }

    @Test
    void askingForWhatWasNotDeclaredIsABug() throws Exception {
        CommandLine line = parse("--allow=a", "--quiet");
        assertThrows(IllegalArgumentException.class, () -> line.value("--nothing"));
        assertThrows(IllegalArgumentException.class, () -> line.has("--nothing"));
        assertThrows(IllegalArgumentException.class, () -> line.value("--quiet"));
        assertThrows(IllegalArgumentException.class, () -> line.values("--quiet"));
        assertThrows(IllegalArgumentException.class, () -> line.value("--allow"));
        assertThrows(IllegalArgumentException.class, () -> Option.flag("port", "x"));
        assertThrows(IllegalArgumentException.class, () -> Option.one("--port", " ", "x"));
        Option twice = Option.flag("--a", "x");
        assertThrows(IllegalArgumentException.class, () -> CommandLine.parse(List.of(twice, twice), 0, List.of()));
    }

    @Test
    void distanceCountsASwapOnce() {
        assertEquals(0, Suggestion.distance("port", "port"));
        assertEquals(1, Suggestion.distance("prot", "port"));
        assertEquals(1, Suggestion.distance("por", "port"));
        assertEquals(1, Suggestion.distance("ports", "port"));
        assertEquals(4, Suggestion.distance("", "port"));
        assertNull(Suggestion.nearest("x".repeat(100_000), List.of("--port")));
        assertNull(Suggestion.nearest("--", List.of("--port")));
    }
}
