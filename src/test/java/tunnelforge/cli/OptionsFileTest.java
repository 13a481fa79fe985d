package tunnelforge.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Options in a file are options: read by the same methods, and what is wrong with them is told with its place. */
final class OptionsFileTest {
    private static final List<Option> OPTIONS = List.of(Option.one("--port", "PORT", "x"), Option.one("--token", "TOKEN", "x"), Option.flag("--quiet", "x"),
            Option.many("--allow", "CIDR", "x"), Option.one("--ca", "FILE", "x"), Option.one("--log", "FILE|-", "x"));

    @TempDir
    private Path directory;

    private Path write(String text) throws IOException {
        return Files.writeString(directory.resolve("some.json"), text);
    }

    private CommandLine options(String text) throws IOException, UsageException {
        OptionsFile file = OptionsFile.read(write(text));
        CommandLine options = file.options(OPTIONS, List.of("inner"), Map.of("outer", "goes elsewhere"));
        file.requireRight();
        return options;
    }

    private static CommandLine typed(String... words) throws UsageException {
        return CommandLine.parse(OPTIONS, 0, List.of(words));
    }

    private static Integer port(CommandLine line) throws UsageException {
        return line.integer("--port", 1, 9, 0);
    }

    /** Without the file's name; lines are parted by a bar. */
    private String wrong(String text) {
        return assertThrows(UsageException.class, () -> options(text)).getMessage().replace(directory.resolve("some.json").toString(), "").replace('\n', '|');
    }

    @Test
    void eachKindOfValueIsWhatTheCommandLineWouldHave() throws Exception {
        CommandLine line = options("{ // ours\n \"port\": 7, \"token\": \"x\", \"quiet\": true, \"allow\": [\"a\", \"b\"], \"ca\": \"ca.pem\", \"log\": \"-\", }");
        assertEquals(7, port(line));
        assertEquals("x", line.value("--token"));
        assertTrue(line.has("--quiet"));
        assertEquals(List.of("a", "b"), line.values("--allow"));
        assertEquals(directory.resolve("ca.pem").toString(), line.value("--ca"));
        assertEquals("-", line.value("--log"));
        CommandLine other = options("{ \"port\": \"7\", \"allow\": \"a\", \"ca\": \"/x/ca.pem\", \"quiet\": false, \"token\": null, \"log\": \"l\" }");
        assertEquals(7, port(other));
        assertEquals(List.of("a"), other.values("--allow"));
        assertEquals("/x/ca.pem", other.value("--ca"));
        assertEquals(directory.resolve("l").toString(), other.value("--log"));
        assertFalse(other.has("--quiet") || other.has("--token"));
    }

    @Test
    void whatIsTypedWins() throws Exception {
        CommandLine file = options("{ \"port\": 7, \"allow\": [\"a\", \"b\"], \"quiet\": false }");
        assertEquals(List.of("c"), typed("--allow", "c").over(file).values("--allow"), "a list is not added to");
        assertEquals(7, port(typed("--allow", "c").over(file)));
        assertEquals(3, port(typed("--port", "3").over(file)));
        assertFalse(file.over(typed("--quiet")).has("--quiet"), "what a file says goes before what is below it, false too");
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "{ \"prot\": 7 }; :1:3: field 'prot' is not known, did you mean port?",
        "{ \"outer\": 7 }; :1:3: field 'outer' goes elsewhere",
        "{ \"port\": [7] }; :1:3: field 'port' must be a string or a number",
        "{ \"port\": true }; :1:3: field 'port' must be a string or a number",
        "{ \"port\": \"\" }; :1:3: field 'port' must not be empty",
        "{ \"ca\": \"a\\u0000\" }; :1:3: field 'ca' must not have the character U+0000",
        "{ \"allow\": [{}] }; :1:3: field 'allow' must be a string or a number, or an array of them",
        "{ \"quiet\": \"yes\" }; :1:3: field 'quiet' must be true or false",
        "{ \"quiet\": 1, \"x\": 1 }; :1:3: field 'quiet' must be true or false|:1:15: field 'x' is not known",
        "{ \"port\" 7 }; :1:10: expected ':'",
        "[]; : the text must be an object",
    })
    void mistakesAreToldWithTheirPlaceAndAllAtOnce(String text, String message) {
        assertEquals(message, wrong(text).replace(';', ','));
    }

    @Test
    void whatIsFoundWhenItIsReadIsToldWithItsPlaceToo() throws Exception {
        CommandLine file = options("{ \"token\": \"x\",\n  \"port\": 70 }");
        CommandLine.Reading<Integer, RuntimeException> reading = OptionsFileTest::port;
        assertEquals(directory.resolve("some.json") + ":2:3: option 'port' must be a whole number from 1 to 9, not '70'",
                assertThrows(UsageException.class, () -> typed().over(file).read(reading)).getMessage());
        assertEquals("option --port must be a whole number from 1 to 9, not '71'",
                assertThrows(UsageException.class, () -> typed("--port=71").over(file).read(reading)).getMessage(), "it is not the file's");
        CommandLine.Reading<Integer, RuntimeException> together = line -> {
            throw new UsageException("--port needs a --token, and not --allow");
        };
        assertEquals(directory.resolve("some.json") + ":2:3: 'port' needs a 'token', and not --allow", assertThrows(UsageException.class, () -> file.read(together)).getMessage());
        CommandLine.Reading<Integer, RuntimeException> missing = line -> {
            throw new UsageException("give --allow");
        };
        assertEquals("give --allow", assertThrows(UsageException.class, () -> file.read(missing)).getMessage());
    }

    @Test
    void anObjectInsideHasItsOwn() throws Exception {
        OptionsFile file = OptionsFile.read(write("{ \"a\": { \"target\": 8080,\n\"port\": 7 },\n \"b\": { \"port\": 7 },\n \"c\": 5 }"));
        CommandLine a = file.options(file.content(), "a", OPTIONS, "target", Map.of());
        assertEquals(List.of("8080"), a.operands());
        assertEquals(7, port(a));
        CommandLine.Reading<Integer, RuntimeException> reading = line -> {
            throw new UsageException("a strange target");
        };
        assertEquals(directory.resolve("some.json") + ":1:10: a strange target", assertThrows(UsageException.class, () -> typed().over(a).read(reading)).getMessage());
        file.options(file.content(), "b", OPTIONS, "target", Map.of());
        file.options(file.content(), "c", OPTIONS, "target", Map.of());
        String place = directory.resolve("some.json").toString();
        assertEquals(place + ":3:7: field 'target' is missing\n" + place + ":4:2: field 'c' must be an object", assertThrows(UsageException.class, file::requireRight).getMessage());
    }

    @Test
    void moreThanAPersonReadsIsCounted() {
        String message = wrong("{ " + IntStream.range(0, 25).mapToObj(i -> "\"x%d\": 1".formatted(i)).collect(Collectors.joining(", ")) + " }");
        assertTrue(message.endsWith("field 'x19' is not known|and 5 more"), message);
    }

    @Test
    void aFileThatIsNotThereIsAMistakeOfTheCommandLine() {
        assertTrue(assertThrows(UsageException.class, () -> OptionsFile.read(directory.resolve("none.json"))).getMessage().startsWith("no such file"));
    }
}
