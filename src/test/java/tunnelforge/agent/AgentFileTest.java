package tunnelforge.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tunnelforge.agent.tunnel.ServerAccess;
import tunnelforge.agent.tunnel.TrustFiles;
import tunnelforge.cli.CommandLine;
import tunnelforge.log.RecordingLog;
import tunnelforge.net.Pin;

final class AgentFileTest {
    @TempDir
    private Path state;

    private void write(String text) throws IOException {
        Files.writeString(state.resolve("agent.json"), text);
    }

    private String wrong(String text) throws IOException {
        write(text);
        return assertThrows(IOException.class, () -> AgentFile.read(state)).getMessage();
    }

    @Test
    void allThatItMaySayIsRead() throws IOException {
        write("{ \"server\": \"tunnel.example.com\", /* ours */ \"token\": \"tf_x\", \"ca\": \"ca.pem\", \"cert\": \"own.pem\", \"key\": \"/own.key\", }");
        assertEquals(new AgentFile("tunnel.example.com", "tf_x", state.resolve("ca.pem"), state.resolve("own.pem"), Path.of("/own.key"), List.of()), AgentFile.read(state));
        Files.delete(state.resolve("agent.json"));
        assertEquals(new AgentFile(null, null, null, null, null, List.of()), AgentFile.read(state));
    }

    @Test
    void aPinThereIsAsGoodAsOneOnTheCommandLine() throws Exception {
        String pin = "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        String other = "sha256/BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA=";
        for (String value : List.of('"' + pin + '"', "[\"" + pin + "\"]")) {
            write("{ \"server\": \"a.test\", \"token\": \"tf_x\", \"pin\": " + value + " }");
            assertEquals(List.of(Pin.parse(pin)), pins());
            assertEquals(List.of(Pin.parse(other)), pins("--pin", other));
            assertEquals(List.of(), pins("--server", "b.test", "--token", "tf_y"), "it is another server's");
        }
        assertTrue(wrong("{ \"pin\": \"sha256/x\" }").contains(":1:3: field 'pin' is wrong: "));
        assertTrue(wrong("{ \"pin\": 5 }").endsWith("field 'pin' must be a string, or an array of strings"));
    }

    private List<Pin> pins(String... words) throws Exception {
        return server(words).pins();
    }

    private ServerAccess server(String... words) throws Exception {
        List<String> all = new ArrayList<>(List.of(words));
        all.addAll(List.of("--state-dir", state.toString()));
        return AgentOptions.server(CommandLine.parse(AgentOptions.ALL, 0, all), new RecordingLog().log());
    }

    @Test
    void aCertificateIsShownToNoOtherServer() throws Exception {
        write("{ \"server\": \"a.test\", \"token\": \"tf_x\", \"cert\": \"own.pem\", \"key\": \"own.key\" }");
        assertEquals(new TrustFiles(null, state.resolve("own.pem"), state.resolve("own.key")), server().files());
        assertEquals(new TrustFiles(null, Path.of("c"), Path.of("k")), server("--cert", "c", "--key", "k").files());
        assertEquals(TrustFiles.NONE, server("--server", "b.test", "--token", "tf_y").files());
        assertTrue(wrong("{ \"cert\": \"own.pem\" }").endsWith("field 'cert' needs the other one: cert and key go together"));
        assertTrue(wrong("{ \"key\": \"own.key\" }").endsWith("field 'key' needs the other one: cert and key go together"));
    }

    @Test
    void mistakesAreToldWithTheirPlace() throws IOException {
        String file = state.resolve("agent.json").toString();
        assertEquals(file + ":2:3: field 'sever' is not known; did you mean server?", wrong("{\n  \"sever\": \"a.test\"\n}"));
        assertEquals(file + ":1:3: field 'ca' cannot be the name of a file", wrong("{ \"ca\": \"a\\u0000b\" }"));
        assertEquals(file + ":1:3: field 'token' must be a string", wrong("{ \"token\": 12345 }"));
        assertEquals(file + ":2:1: field 'server' is wrong: address 'https://a.test': only a host and a port are wanted, as in example.com:443",
                wrong("{\n\"server\": \"https://a.test\" }"));
        assertEquals(file + ":3:1: expected ',' or '}'", wrong("{ \"server\": \"a.test\"\n\n\"token\": \"tf_secret\" }"));
    }

    @Test
    void aTokenThatOthersCanReadIsWarnedOf() throws Exception {
        write("{ \"server\": \"tunnel.example.com\", \"token\": \"tf_secret\" }");
        for (String permissions : List.of("rw-------", "rw-r--r--")) {
            Files.setPosixFilePermissions(state.resolve("agent.json"), PosixFilePermissions.fromString(permissions));
            RecordingLog log = new RecordingLog();
            AgentOptions.server(CommandLine.parse(AgentOptions.ALL, 0, List.of("--state-dir", state.toString())), log.log());
            assertEquals(permissions.endsWith("------") ? 0 : 1, log.entries("token_exposed").size(), permissions);
            assertTrue(log.entries().stream().noneMatch(entry -> entry.toString().contains("tf_secret")));
        }
    }
}
