package tunnelforge.server.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import tunnelforge.fuzz.Codec;
import tunnelforge.text.HostNames;
import tunnelforge.wire.PublicAddress;
import tunnelforge.wire.TunnelProtocol;

/** What agents ask for and show: names of tunnels and resume tokens, for the fuzzer. */
public final class TunnelCodecs {
    private static final ResumeTokens TOKENS = new ResumeTokens(new byte[32]);

    private TunnelCodecs() {
    }

    public static List<Codec<?>> all() {
        return List.of(
            names("tunnel-names", TunnelNames::validate),
            names("tunnel-hostnames", text -> TunnelNames.hostname(text, "tunnel.example")),
            resumeTokens());
    }

    private static Codec<?> names(String name, Codec.TextReading<String> reading) {
        return Codec.ofText(name, reading).from("quick-fox", "App.Example.com.", "a", "xn--bcher-kva.example", "-a", "_x", "www", "a.1", "localhost", "a.tunnel.example", "*.a.example", "a:1", "a".repeat(64),
                "a.".repeat(126) + "bc")
            .spicedWith(".", "-", "xn--", "tunnel.example", "\u00c4\u00b0", "\u00e2\u0084\u00aa")
            .refusesBy(TunnelNames.InvalidNameException.class).upTo(2_000).allocates(32 * 1024, 32).suchThat(value -> {
                assertTrue(HostNames.isName(value), value);
                assertEquals(value, HostNames.normalise(value));
                assertEquals(value, reading.read(value));
            });
    }

    /** Of all that is made of right ones only those themselves are right. */
    private static Codec<?> resumeTokens() {
        String name = TOKENS.issue("t1", new PublicAddress.Name("fox.example"), TunnelProtocol.HTTP, "tf_1");
        String port = TOKENS.issue("t1", new PublicAddress.Port("example", 20_000), TunnelProtocol.HTTP, "tf_1");
        List<String> right = List.of(name, port);
        return Codec.<String>ofText("resume-tokens", text -> TOKENS.verify(text, "t1", TunnelProtocol.HTTP, "tf_1") == null ? null : text).from(name, port, "", "/", "fox.example/http/")
            .from(TOKENS.issue("t2", new PublicAddress.Name("fox.example"), TunnelProtocol.HTTP, "tf_1"),
                TOKENS.issue("t1", new PublicAddress.Name("fox.example"), TunnelProtocol.TCP, "tf_1"))
            .spicedWith("/", "http", ":1", ":x", "fox.example").allocates(16 * 1024, 64).suchThat(text -> assertTrue(right.contains(text), text));
    }
}
