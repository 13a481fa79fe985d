package tunnelforge.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tunnelforge.cli.HostPort;
import tunnelforge.fuzz.Codec;

/** {@code agent.json}, which a person writes, for the fuzzer. */
public final class AgentFileCodec {
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
