package tunnelforge.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tunnelforge.cli.CommandLine;
import tunnelforge.cli.HostPort;
import tunnelforge.cli.UsageException;
import tunnelforge.fuzz.Codec;
import tunnelforge.text.Printable;

/** {@code agent.json} and {@code tunnelforge.json}, which a person writes, for the fuzzer. */
public final class AgentFileCodec {
    private static final int LONGEST_LINE = 200;

    private AgentFileCodec() {
    }

    public static Codec<?> agentFiles() {
        Path state = directory();
        return Codec.<AgentFile>ofOctets("agent-files", (in, found) -> {
            Files.write(AgentFile.in(state), in.octets());
            found.accept(AgentFile.read(state));
        }).from("{}", "{ \"server\": \"tunnel.example.com\", /* ours */ \"token\": \"tf_x\", \"ca\": \"ca.pem\", }",
            "{ \"pin\": [\"sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"] }",
            "{ \"pin\": \"sha256/x\" }", "{ \"sever\": \"a.test\" }", "{ \"server\": \"https://a.test\" }", "{ \"pin\": null, \"ca\": \"/etc/x\" }",
            "{ \"server\": \"[::1]:443\", // x\n}")
            .spicedWith("\"server\":", "\"token\":", "\"ca\":", "\"pin\":", "sha256/", "null", "[]", "\\u0000", ",")
            .refusesBy(IOException.class).allocates(128 * 1024, 160).suchThat(file -> {
                if (file.server() != null) {
                    HostPort.parse(file.server(), AgentFile.HTTPS);
                }
                file.pins().forEach(pin -> assertEquals(51, pin.toString().length()));
                assertEquals(new AgentFile(file.server(), "another", file.ca(), file.certificate(), file.key(), file.pins()).toString(), file.toString(), "the token does not show");
            });
    }

    public static Codec<?> tunnelsFiles() {
        Path path = directory().resolve(TunnelsFile.NAME);
        path.toFile().deleteOnExit();
        return Codec.<List<AgentConfig.Tunnel>>ofOctets("tunnels-files", (in, found) -> {
            Files.write(path, in.octets());
            try {
                found.accept(tunnels(path));
            } catch (UsageException e) {
                // The first of its lines; a target is quoted as it was typed, and made printable where the line is printed.
                throw new UsageException(Printable.cut(Printable.line(e.getMessage().lines().findFirst().orElse("")), LONGEST_LINE));
            }
        }).from("{}", "{ \"tunnels\": { \"web\": { \"target\": 8080, \"subdomain\": \"demo\" }, /* ours */ \"db\": { \"target\": \"tcp://h:1\", \"remote-port\": 7 } } }",
            "{ \"server\": \"a.test\", \"pin\": [\"sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"], \"requests\": true, \"tunnels\": { \"a\": { \"target\": \"unix:/x\", \"requests\": false } } }",
            "{ \"ca\": \"x.pem\", \"allow\": [\"10.0.0.0/8\"], \"tunnels\": { \"a\": { \"target\": \"1\", \"basic-auth\": \"u:p\", \"allow\": [] } } }",
            "{ \"tunnels\": { \"a\": { \"target\": 1, \"token\": 2 }, \"b c\": [] } }", "{ \"tunnels\": [] }")
            .spicedWith("\"target\":", "\"subdomain\":", "\"tunnels\": {", "\"config\":", "true", "null", "[]", "\\u0000", "tcp://", "file:", "--", ",")
            .refusesBy(UsageException.class).allocates(512 * 1024, 400).suchThat(tunnels -> {
                assertTrue(tunnels.size() <= TunnelsFile.MAX_TUNNELS);
                assertEquals(tunnels, tunnels(path), "what is read again is the same");
            });
    }

    private static List<AgentConfig.Tunnel> tunnels(Path path) throws UsageException {
        TunnelsFile file = new TunnelsFile(path);
        return file.tunnels(file.names(), CommandLine.parse(AgentOptions.ALL, 0, List.of()), false);
    }

    private static Path directory() {
        try {
            Path directory = Files.createTempDirectory("tunnelforge-fuzz");
            directory.toFile().deleteOnExit();
            AgentFile.in(directory).toFile().deleteOnExit();
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
