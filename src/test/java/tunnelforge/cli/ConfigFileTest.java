package tunnelforge.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.json.JsonObject;
import tunnelforge.json.JsonValue;

final class ConfigFileTest {
    @TempDir
    private Path directory;
    private Path file;

    @BeforeEach
    void name() {
        file = directory.resolve("some.json");
    }

    private String wrong(String text, ConfigFile.Reading<Object> reading) throws IOException {
        Files.writeString(file, text);
        String message = assertThrows(IOException.class, () -> ConfigFile.read(file, reading)).getMessage();
        assertTrue(message.startsWith(file + ":"), message);
        return message.substring(file.toString().length() + 1).strip();
    }

    @Test
    void aMistypedKeyIsToldWithItsPlaceAndWhatWasMeant() throws IOException {
        ConfigFile.Reading<Object> reading = json -> {
            ConfigFile.onlyKnows(json, List.of("server", "token"));
            return json;
        };
        assertEquals("2:3: field 'sever' is not known; did you mean server?", wrong("{\n  \"sever\": \"x\"\n}", reading));
        assertEquals("3:16: field 'zzz' is not known", wrong("// c\n{ /*\n*/ \"token\": 1, \"zzz\": 2 }", reading));
    }

    @Test
    void aValueOfTheWrongTypeIsToldWithThePlaceOfItsKey() throws IOException {
        String text = "{\n  \"text\": 1,\n  \"number\": \"secret\",\n  \"inner\": { \"on\": 7,\n \"list\": [1] } }";
        assertEquals("2:3: field 'text' must be a string", wrong(text, json -> json.string("text")));
        assertEquals("3:3: field 'number' must be an integer from 1 to 9", wrong(text, json -> json.integer("number", 1, 9)));
        assertEquals("4:14: field 'on' must be true or false", wrong(text, json -> json.object("inner").bool("on", true)));
        assertEquals("5:2: field 'list' must be an array of strings", wrong(text, json -> json.object("inner").strings("list")));
    }

    @Test
    void aMissingKeyIsToldWithThePlaceOfItsObject() throws IOException {
        ConfigFile.Reading<Object> second = json -> {
            JsonValue object = json.arrayOrEmpty("tunnels").get(1);
            return ((JsonObject) object).string("target");
        };
        assertEquals("2:4: field 'target' is missing", wrong("{ \"tunnels\": [ { \"target\": \"8080\" },\n   { } ] }", second));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\n  \"a\": 1\n  \"b\": 2\n}", "{\n\n  nothing\n}", "{\n 'a': 1}", "{\n", "[]", ""})
    void brokenJsonIsToldWithItsPlace(String text) throws IOException {
        String message = wrong(text, json -> json);
        assertTrue(text.equals("[]") ? message.equals("the text must be an object") : message.matches("[123]:[0-9]+: .*"), message);
    }

    @Test
    void whatIsNoTextOrTooLongIsRefused() throws IOException {
        Files.write(file, new byte[] {'{', (byte) 0xff, '}'});
        assertEquals(file + ": the text is not UTF-8", assertThrows(IOException.class, () -> ConfigFile.read(file, json -> json)).getMessage());
        Files.write(file, " ".repeat(1024 * 1024 + 1).getBytes(StandardCharsets.US_ASCII));
        assertEquals(file + " is larger than 1048576 bytes", assertThrows(IOException.class, () -> ConfigFile.read(file, json -> json)).getMessage());
    }

    @Test
    void whoMayReadAFileIsSeen() throws IOException {
        Files.writeString(file, "{}");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertFalse(ConfigFile.isOpenToOthers(file));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertTrue(ConfigFile.isOpenToOthers(file));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw----r--"));
        assertTrue(ConfigFile.isOpenToOthers(file));
    }
}
