package tunnelforge.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tunnelforge.agent.tunnel.ServerAccess;
import tunnelforge.agent.tunnel.TrustFiles;
import tunnelforge.cli.CommandLine;
import tunnelforge.cli.HostPort;
import tunnelforge.cli.Option;
import tunnelforge.cli.OptionsFile;
import tunnelforge.cli.UsageException;
import tunnelforge.log.RecordingLog;
import tunnelforge.wire.TunnelProtocol;

/** What a file of tunnels says, beside what is typed. */
final class TunnelsFileTest {
    @TempDir
    private Path directory;

    private TunnelsFile read(String text) throws IOException, UsageException {
        return new TunnelsFile(Files.writeString(directory.resolve("tunnelforge.json"), text));
    }

    private static CommandLine typed(String... words) throws UsageException {
        return CommandLine.parse(new AgentMain(), List.of(words));
    }

    private static List<AgentConfig.Tunnel> tunnels(TunnelsFile file, String... words) throws UsageException {
        return file.tunnels(file.names(), typed(words), false);
    }

    @Test
    void whatIsTypedGoesBeforeATunnelAndThatBeforeWhatIsSaidForAll() throws Exception {
        TunnelsFile file = read("""
                { "host-header": "all", "requests": true, "allow": "10.0.0.0/8",
                  "tunnels": { "a": { "target": 1, "host-header": "own", "requests": false, "allow": [] }, "b": { "target": 2 } } }""");
        List<AgentConfig.Tunnel> tunnels = tunnels(file);
        assertEquals(List.of("own", "all"), tunnels.stream().map(tunnel -> tunnel.local().hostHeader().fixed()).toList());
        assertEquals(List.of(false, true), tunnels.stream().map(tunnel -> tunnel.tells().requests()).toList());
        assertEquals(List.of(0, 1), tunnels.stream().map(tunnel -> tunnel.asked().visitors().allow().size()).toList());
        assertEquals(List.of("typed", "typed"), tunnels(file, "start", "--all", "--host-header", "typed").stream().map(tunnel -> tunnel.local().hostHeader().fixed()).toList());
    }

    @Test
    void theReadmesExampleIsRight() throws Exception {
        String section = Files.readString(Path.of("README.md")).split("## Several tunnels from one file\n")[1];
        String example = section.substring(section.indexOf("\n    {"), section.indexOf("\n    }\n") + 6);
        List<AgentConfig.Tunnel> tunnels = tunnels(read(example.replace("tf_…", "another")));
        assertEquals(List.of("web", "api", "db"), tunnels.stream().map(AgentConfig.Tunnel::name).toList());
    }

    @Test
    void aTunnelMayHaveNoUsersWhereTheEnvironmentHasSome() throws Exception {
        TunnelsFile file = read("{ \"basic-auth\": \"u:p\", \"tunnels\": { \"db\": { \"target\": \"tcp://h:1\", \"basic-auth\": [] }, \"web\": { \"target\": 1 } } }");
        assertEquals(List.of(List.of(), List.of("u:p")), tunnels(file).stream().map(tunnel -> tunnel.asked().visitors().users()).toList());
        OptionsFile options = OptionsFile.read(Files.writeString(directory.resolve("options.json"), "{ \"basic-auth\": [] }"));
        CommandLine none = options.options(AgentOptions.OF_FILE, List.of(), Map.of());
        assertEquals(List.of(), VisitorOptions.of(none, "v:q", TunnelProtocol.TCP).users());
    }

    @Test
    void twoTunnelsCannotHaveOneAddress() throws Exception {
        TunnelsFile file = read("{ \"tunnels\": { \"a\": { \"target\": 1 }, \"b\": { \"target\": 1 }, \"c\": { \"target\": \"tcp://h:1\" }, \"d\": { \"target\": \"tcp://h:1\" } } }");
        assertEquals(4, tunnels(file).size(), "any will do");
        UsageException wrong = assertThrows(UsageException.class, () -> tunnels(file, "start", "a", "b", "--subdomain", "x"));
        assertEquals("--subdomain is what tunnel a asks for too: two tunnels cannot have one address", wrong.getMessage());
        assertEquals(1, file.tunnels(Set.of("b"), typed("start", "b", "--subdomain", "x"), false).size());
        assertThrows(UsageException.class, () -> read("{ \"tunnels\": { \"c\": { \"target\": \"tcp://h:1\", \"remote-port\": 7 }, \"d\": { \"target\": \"tcp://h:2\", \"remote-port\": 7 } } }"));
        assertThrows(UsageException.class, () -> read("{ \"tunnels\": { \"c\": { \"target\": 1, \"hostname\": \"a.test\" }, \"d\": { \"target\": 2, \"hostname\": \"A.test\" } } }"));
    }

    @Test
    void aHundredTunnelsAndNoMore() throws Exception {
        String hundred = IntStream.range(0, TunnelsFile.MAX_TUNNELS).mapToObj(i -> "\"t%d\": { \"target\": 1 }".formatted(i)).collect(Collectors.joining(","));
        assertEquals(100, tunnels(read("{ \"tunnels\": {" + hundred + "} }")).size());
        UsageException wrong = assertThrows(UsageException.class, () -> read("{ \"tunnels\": {" + hundred + ", \"more\": { \"target\": 1 } } }"));
        assertTrue(wrong.getMessage().endsWith(":1:3: field 'tunnels' has 101 tunnels; the limit is 100"), wrong.getMessage());
    }

    /** They do not contradict each other: what is typed wins, and a tunnel knows better than what is said for all. */
    @Test
    void whatIsSaidInAnotherWayIsReplacedToo() throws Exception {
        TunnelsFile file = read("""
                { "server": "s.test", "token": "tf_token", "pin": "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "quiet": true, "dev": true, "subdomain": "all",
                  "tunnels": { "one": { "target": 8080, "requests": true, "hostname": "one.test", "host-header": "x" } } }""");
        AgentConfig.Tunnel one = tunnels(file).getFirst();
        assertTrue(one.tells().requests());
        assertEquals("one.test", one.asked().address());
        assertEquals(null, one.asked().subdomain());
        assertEquals("x", one.local().hostHeader().fixed());
        AgentConfig.Tunnel typed = tunnels(file, "--quiet", "--subdomain", "two", "--dev").getFirst();
        assertFalse(typed.tells().requests());
        assertEquals("two", typed.asked().address());
        assertTrue(typed.local().hostHeader().onceRefused());
        assertEquals(List.of(), server(file, "--ca", "typed.pem").pins());
    }

    /** A file that two of them had open would lose its lock with the first that is closed: to another process it would be free. */
    @Test
    void noTwoTunnelsHaveOneIdentity() throws Exception {
        List<AgentConfig.Tunnel> both = tunnels(read("{ \"tunnels\": { \"one\": { \"target\": 8080 }, \"two\": { \"target\": 8080, \"dev\": true } } }"));
        HostPort server = new HostPort("s.test", 443);
        assertNotEquals(AgentOptions.identity(server, both.get(0)), AgentOptions.identity(server, both.get(1)));
    }

    /** Otherwise each look at a changed file would replace it. */
    @Test
    void aTunnelThatIsReadAgainIsTheSame() throws Exception {
        String all = """
                { "tunnels": {
                    "http": { "target": "https://h:1", "protocol": "http", "subdomain": "a", "host-header": "rewrite", "circuit-breaker": 3, "basic-auth": ["u:p", "v:q"], "allow": "10.0.0.0/8",
                              "deny": "10.0.0.1", "requests": true, "quiet": false, "upstream-insecure": true, "compression": true, "server-timing": true, "request-header-remove": "A", "request-header-add": "B: b",
                              "response-header-remove": ["C"], "response-header-add": ["D: d"] },
                    "host": { "target": "unix:/run/x", "hostname": "a.test", "dev": true },
                    "tcp": { "target": "tcp://h:2", "remote-port": 7, "proxy-protocol": 2 },
                    "files": { "target": "file://%s" } } }""".formatted(directory);
        for (Option option : AgentOptions.OF_TUNNEL) {
            assertTrue(all.contains("\"" + option.name().substring(2) + "\""), option.name() + " is missing here");
        }
        List<AgentConfig.Tunnel> once = tunnels(read(all));
        assertEquals(once, tunnels(read("// another comment\n" + all.replace(": 7,", ": \"7\","))));
        assertNotEquals(once, tunnels(read(all.replace("v:q", "v:r"))));
        assertEquals(List.of(TunnelProtocol.HTTP, TunnelProtocol.HTTPS, TunnelProtocol.TCP, TunnelProtocol.HTTPS), once.stream().map(tunnel -> tunnel.asked().protocol()).toList());
    }

    @Test
    void serverTokenAndTrustAreThoseOfTheFileUnlessTheyAreTyped() throws Exception {
        Files.writeString(directory.resolve("agent.json"), "{ \"server\": \"agents.test\", \"token\": \"of-agent-json\", \"ca\": \"agent.pem\" }");
        TunnelsFile file = read("{ \"server\": \"files.test:8443\", \"token\": \"of-the-file\", \"ca\": \"ca.pem\", \"server-name\": \"name.test\" }");
        ServerAccess server = server(file);
        assertEquals("files.test:8443", server.address().toString());
        assertEquals("of-the-file", server.token());
        assertEquals(new TrustFiles(directory.resolve("ca.pem"), null, null), server.files());
        assertEquals("name.test", server.name());
        assertEquals("typed", server(file, "--token", "typed").token());
        TunnelsFile bare = read("{ \"tunnels\": {} }");
        assertEquals("of-agent-json", server(bare).token());
        TunnelsFile another = read("{ \"server\": \"files.test:8443\" }");
        assertTrue(assertThrows(UsageException.class, () -> server(another)).getMessage().contains("no token for files.test:8443 (agent.json has one for agents.test)"));
    }

    private ServerAccess server(TunnelsFile file, String... words) throws Exception {
        CommandLine typed = typed(words).over(typed("--state-dir", directory.toString()));
        return file.over(typed).read(line -> AgentOptions.server(line, new RecordingLog().log()));
    }

    @Test
    void theUsersFileIsForATargetThatIsTypedToo() throws Exception {
        read("{ \"server\": \"files.test\", \"host-header\": \"all\", \"tunnels\": { \"a\": { \"target\": 1 } } }");
        AgentSetup setup = AgentSetup.of(typed("8080", "--state-dir", directory.toString()), false);
        AgentSetup.Plan plan = setup.begin();
        assertFalse(setup.followsFile());
        assertEquals("files.test", plan.program().value("--server"));
        assertEquals(1, plan.tunnels().size());
        assertEquals("localhost:8080", plan.tunnels().getFirst().target().toString());
        assertEquals("all", plan.tunnels().getFirst().local().hostHeader().fixed());
        assertEquals(null, plan.tunnels().getFirst().name());
    }

    @Test
    void aTokenThatOthersCanReadIsWarnedOf() throws Exception {
        for (String permissions : List.of("rw-------", "rw-r--r--")) {
            read("{ \"token\": \"secret\", \"tunnels\": { \"a\": { \"target\": 1 } } }");
            Files.setPosixFilePermissions(directory.resolve("tunnelforge.json"), PosixFilePermissions.fromString(permissions));
            RecordingLog log = new RecordingLog();
            AgentSetup setup = AgentSetup.of(typed("--state-dir", directory.toString()), false);
            setup.tell(setup.begin(), log.log());
            assertEquals(1, log.entries("config_found").size());
            assertEquals(permissions.endsWith("------") ? 0 : 1, log.entries("token_exposed").size(), permissions);
            assertTrue(log.entries().stream().noneMatch(entry -> entry.toString().contains("secret")));
        }
    }
}
