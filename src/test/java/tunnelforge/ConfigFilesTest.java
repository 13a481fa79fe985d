package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tunnelforge.server.TestServer;

/** Files of options as a person meets them: the programs are run as processes, in a folder of their own. */
final class ConfigFilesTest {
    private static final int LIMIT_SECONDS = 30;

    @TempDir
    private Path directory;
    private Path folder;
    private Path state;

    @BeforeEach
    void makeFolders() throws IOException {
        folder = Files.createDirectory(directory.resolve("folder"));
        state = Files.createDirectory(directory.resolve("state"));
    }

    /** What it said, and how it ended. */
    private record Outcome(int code, String said) {
    }

    private Process start(String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp",
                String.join(":", Stream.of(System.getProperty("java.class.path").split(":")).map(each -> Path.of(each).toAbsolutePath().toString()).toList()), "tunnelforge.Main"));
        command.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().put("TUNNELFORGE_HOME", state.toString());
        builder.environment().keySet().removeAll(List.of("TUNNELFORGE_SERVER", "TUNNELFORGE_TOKEN"));
        Process process = builder.start();
        process.getOutputStream().close();
        return process;
    }

    private Outcome run(String... words) throws Exception {
        Process process = start(words);
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS), said);
        return new Outcome(process.exitValue(), said);
    }

    private Path write(Path in, String text) throws IOException {
        return Files.writeString(in.resolve("tunnelforge.json"), text);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', value = {
        "{ \"tunnels\": { \"web\": { \"target\": 8080 }                        | 1:41: expected ',' or '}'",
        "[]                                                                    | the text must be an object",
        "{ \"tunnels\": { \"web\": { \"target\": 8080, \"subdomian\": \"x\" } } }   | 1:41: field 'subdomian' is not known; did you mean subdomain?",
        "{ \"tunnels\": { \"web\": { \"target\": \"80O80\" } } }                   | 1:25: the target '80O80' has no port",
        "{ \"tunnels\": { \"web\": { \"subdomain\": \"x\" } } }                    | 1:23: field 'target' is missing",
        "{ \"tunnels\": { \"web\": { \"target\": 80, \"token\": \"tf_secret\" } } } | 1:39: field 'token' is for all tunnels: it belongs beside 'tunnels'",
        "{ \"target\": 8080 }                                                   | 1:3: field 'target' belongs into a tunnel",
        "{ \"server\": \"https://a.test\" }                                      | 1:3: 'server': address 'https://a.test': only a host and a port are wanted",
        "{ \"proxy\": \"http://u:secret@proxy.test:99999\" }                    | 1:3: 'proxy' takes http://HOST:PORT",
        "{ \"token\": \"tf_secret\", \"pin\": \"sha256/x\" }                        | 'pin': ",
        "{ \"server\": \"u:secret@a.test:443\" }                                | 1:3: 'server': an address has no user",
        "{ \"tunnels\": { \"web\": { \"target\": \"http://u:secret@h:1\" } } }     | 1:25: the target has no user",
        "{ \"proxy\": \"ftp://u:secret@h\" }                                     | 1:3: 'proxy' takes http://HOST:PORT or socks5://HOST:PORT",
        "{ \"cert\": \"own.pem\" }                                               | 1:3: 'cert' needs its --key",
        "{ \"log-level\": \"loud\" }                                             | 1:3: option 'log-level' must be debug or info or warn or error, not 'loud'",
        "{ \"tunnels\": { \"a b\": { \"target\": 80 } } }                          | 1:16: field 'a b' is no name: 1 to 63 letters",
        "{ \"tunnels\": { \"db\": { \"target\": \"tcp://h:1\", \"basic-auth\": \"u:secret\" } } } | 1:47: 'basic-auth' is for http and https tunnels",
        "{ \"tunnels\": { \"db\": { \"target\": 80, \"requests\": true, \"quiet\": true } } } | 1:38: 'requests' and 'quiet' contradict each other",
        "{ \"tunnels\": { \"a\": { \"target\": 80, \"subdomain\": \"x\" }, \"b\": { \"target\": 81, \"subdomain\": \"X\" } } } | 1:78: 'subdomain' is what tunnel a asks for too",
    })
    void aBrokenFileIsToldWithThePlaceAndNoSecret(String text, String problem) throws Exception {
        write(folder, text);
        Outcome outcome = run("agent", "config", "check");
        assertEquals(2, outcome.code, outcome.said);
        assertTrue(outcome.said.startsWith("tunnelforge: tunnelforge.json:") && outcome.said.contains(problem), outcome.said);
        assertTrue(!outcome.said.contains("secret"), outcome.said);
    }

    @Test
    void allThatIsWrongIsToldAtOnceAndNothingIsStarted() throws Exception {
        Path file = write(folder, """
                {
                  "sever": "a.test",
                  "tunnels": {
                    "web": { "target": 8080, "remote-port": 80 },
                    "db": { "target": "tcp://localhost:5432", "remote-port": "x" }
                  }
                }""");
        for (List<String> words : List.of(List.of("agent", "config", "check", file.toString()), List.of("agent", "start", "db", "--config", file.toString()))) {
            Outcome outcome = run(words.toArray(String[]::new));
            assertEquals(2, outcome.code, outcome.said);
            assertEquals("tunnelforge: " + file + ":2:3: field 'sever' is not known; did you mean server?\n  " + file + ":4:30: 'remote-port' is for tcp tunnels; this one is https\n  "
                    + file + ":5:47: option 'remote-port' must be a whole number from 1 to 65535, not 'x'", outcome.said.substring(0, outcome.said.indexOf("\ntry: ")));
        }
    }

    @Test
    void aRightFileIsToldWithWhatItWouldOpen() throws Exception {
        write(folder, """
                { // ours
                  "server": "tunnel.example.com:443", "host-header": "rewrite",
                  "tunnels": {
                    "web": { "target": 8080, "subdomain": "Demo", "allow": ["10.0.0.0/8"], },
                    "db": { "target": "tcp://localhost:5432", "remote-port": 20022, "host-header": "preserve" },
                    "any": { "target": "https://intranet", "upstream-insecure": true },
                  }
                }""");
        Outcome outcome = run("agent", "config", "check");
        assertEquals(0, outcome.code, outcome.said);
        assertEquals("""
                tunnelforge.json is right. An agent here does not start (no token: give --token; 'token show' prints it on the server's machine, or whoever runs a server with \
                accounts gives you one); it would open:
                  web: https, demo, leads to localhost:8080
                  db: tcp, :20022, leads to localhost:5432
                  any: https, any address, leads to https://intranet:443
                """, outcome.said);
        String started = run("agent", "config", "check", "--token", "tf_x").said;
        assertTrue(started.startsWith("tunnelforge.json is right. An agent here opens at tunnel.example.com:443:\n"), started);
    }

    /** It may be somebody else's, with an address that the token in the state directory is good for. */
    @Test
    void aFolderThatSaysWhomToTrustNeedsATokenOfItsOwn() throws Exception {
        for (String trust : List.of("\"ca\": \"evil.pem\"", "\"pin\": \"sha256/" + "A".repeat(43) + "=\"", "\"server-name\": \"evil.test\"", "\"proxy\": \"http://evil.test:3128\"")) {
            Path file = write(folder, "{ " + trust + ", \"tunnels\": { \"web\": { \"target\": 1 } } }");
            for (List<String> words : List.of(List.of("agent"), List.of("agent", "start", "web"))) {
                Outcome refused = run(words.toArray(String[]::new));
                assertEquals(2, refused.code, refused.said);
                assertTrue(refused.said.contains("needs the 'token' for that server as well"), refused.said);
            }
            Files.delete(file);
        }
    }

    @Test
    void theFolderGoesBeforeTheStateDirectoryAndHasNoSayInATargetThatIsTyped() throws Exception {
        write(state, "{ \"server\": \"user.test\", \"tunnels\": { \"users\": { \"target\": 1 } } }");
        assertTrue(run("agent", "config", "check").said.contains("\n  users: "));
        write(folder, "{ \"server\": \"folder.test\", \"token\": \"x\", \"tunnels\": { \"folders\": { \"target\": 1 } } }");
        assertTrue(run("agent", "config", "check").said.contains("\n  folders: "));
        // It knows the user's server, and has no token for it.
        Outcome typed = run("agent", "8080");
        assertEquals(2, typed.code, typed.said);
        assertTrue(typed.said.contains("no token: give --token"), typed.said);
        assertTrue(run("agent", "start", "users").said.contains("tunnelforge.json: there is no tunnel 'users' in it"));
        assertTrue(run("agent", "start", "folder").said.contains("'folder' in it; did you mean folders?"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "agent | the local service is missing: write agent 8080, or put tunnels into tunnelforge.json",
        "agent start | start takes names of tunnels, or --all",
        "agent start web --all | start takes names of tunnels, or --all",
        "agent 8080 --all | --all goes with start: agent start --all",
        "agent start web | there are no tunnels to start: no tunnelforge.json in this folder, nor in the state directory; --config FILE names one",
        "agent start 3000 | did you mean: agent 3000",
        "start web | did you mean: agent start web",
        "agent start web --config none.json | no such file or directory: none.json",
        "agent config | write agent config check [FILE]",
        "agent config check | no tunnelforge.json in this folder, nor in the state directory; write agent config check FILE",
        "agent config check . | . is a directory",
        "server --config none.json | no such file or directory: none.json",
    })
    void whatIsMissingIsNamed(String words, String message) throws Exception {
        Outcome outcome = run(words.split(" "));
        assertEquals(2, outcome.code, outcome.said);
        assertTrue(outcome.said.contains(message), outcome.said);
    }

    @Test
    void aServerReadsAllItsOptionsFromAFile() throws Exception {
        Path prepared = TestServer.copyOfPrepared(TestServer.DOMAIN);
        try {
            Path file = write(folder, """
                    { "port": 0, "bind": "127.0.0.1", "state-dir": "%s", "log-format": "json", "accept-proxy-protocol": ["10.0.0.0/8", "10.1.0.0/16"], "max-body": 1000000 }""".formatted(prepared));
            Process server = start("server", "--config", file.toString());
            try {
                String first = server.inputReader().lines().filter(line -> line.contains("\"event\":\"listening\"")).findFirst().orElseThrow();
                assertTrue(first.contains("of 127.0.0.1"), first);
            } finally {
                server.destroy();
                assertTrue(server.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS));
            }
        } finally {
            TestServer.delete(prepared);
        }
    }

    @Test
    void whatIsWrongInAServersFileIsToldWithItsPlace() throws Exception {
        Path file = write(folder, "{ \"prot\": 443,\n \"tunnels\": {},\n \"cert\": \"\" }");
        Outcome outcome = run("server", "--config", file.toString());
        assertEquals(2, outcome.code, outcome.said);
        assertTrue(outcome.said.contains(":1:3: field 'prot' is not known; did you mean port?") && outcome.said.contains(":2:2: field 'tunnels' is an agent's: ")
                && outcome.said.contains(":3:2: field 'cert' must not be empty"), outcome.said);
        write(folder, "{ \"domain\": \"tunnel.test\",\n \"cert\": [\"a.pem\", \"b.pem\"], \"key\": \"a.key\" }");
        assertTrue(run("server", "--config", file.toString()).said.contains(":2:2: each 'cert' needs its 'key': there are 2 and 1"));
        write(folder, "{ \"port\": 70000 }");
        assertTrue(run("server", "--config", file.toString(), "--domain", "1.2.3.4").said.contains(":1:3: option 'port' must be a whole number"));
    }
}
