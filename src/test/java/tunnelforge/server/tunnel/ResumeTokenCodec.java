package tunnelforge.server.tunnel;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import tunnelforge.fuzz.Codec;
import tunnelforge.wire.PublicAddress;
import tunnelforge.wire.TunnelProtocol;

/** Resume tokens, which agents show and may have made up, for the fuzzer: of all that is made of right ones only those themselves are right. */
public final class ResumeTokenCodec {
    private static final ResumeTokens TOKENS = new ResumeTokens(new byte[32]);

    private ResumeTokenCodec() {
    }

    public static Codec<?> resumeTokens() {
        String name = TOKENS.issue("t1", new PublicAddress.Name("fox.example"), TunnelProtocol.HTTP, "tf_1");
        String port = TOKENS.issue("t1", new PublicAddress.Port("example", 20_000), TunnelProtocol.HTTP, "tf_1");
        List<String> right = List.of(name, port);
        return Codec.<String>ofText("resume-tokens", text -> TOKENS.verify(text, "t1", TunnelProtocol.HTTP, "tf_1") == null ? null : text).from(name, port, "", "/", "fox.example/http/")
                .from(TOKENS.issue("t2", new PublicAddress.Name("fox.example"), TunnelProtocol.HTTP, "tf_1"), TOKENS.issue("t1", new PublicAddress.Name("fox.example"),
                TunnelProtocol.TCP, "tf_1"))
                .spicedWith("/", "http", ":1", ":x", "fox.example").allocates(16 * 1024, 64).suchThat(text -> assertTrue(right.contains(text), text));
    }
}
