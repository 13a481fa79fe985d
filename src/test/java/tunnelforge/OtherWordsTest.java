package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tunnelforge.agent.AgentMain;
import tunnelforge.cli.Launch;
import tunnelforge.server.ServerMain;

/** What somebody reads who types the words of another program. */
final class OtherWordsTest {
    /** The first line of what is said. */
    private static String said(String words) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(err, true, StandardCharsets.UTF_8);
        assertEquals(2, Launch.run(List.of(new ServerMain(), new AgentMain()), stream, stream, words.split(" ")));
        return err.toString(StandardCharsets.UTF_8).lines().findFirst().orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({
        "http 8080, agent 8080",
        "http localhost:3000, agent localhost:3000",
        "http, agent 8080",
        "http 99999, agent 8080",
        "http 8080 --token tf_secret, agent 8080",
        "https 8443, agent https://localhost:8443",
        "https intranet:8443, agent https://intranet:8443",
        "http https://intranet, agent https://intranet",
        "tcp 22, agent tcp://localhost:22",
        "tcp tcp://db:5432, agent tcp://db:5432",
        "tls 8443, agent 8443 --protocol tls",
        "start, agent 8080",
        "start 3000, agent 3000",
        "client tcp 22, agent tcp://localhost:22",
        "serve 8080, agent 8080",
        "8080, agent 8080",
        "localhost:8080, agent localhost:8080",
        "http://localhost:8080 --subdomain demo, agent http://localhost:8080",
        "serve, server",
        "run, server",
        "run --port 443, server",
        "run 3000, agent 3000",
    })
    void topLevel(String words, String meant) {
        assertEquals("tunnelforge: unknown command '" + words.split(" ")[0] + "'; did you mean: " + meant, said(words));
    }

    @ParameterizedTest
    @CsvSource({
        "agent http 8080, 8080, agent 8080",
        "agent tcp 22, 22, agent tcp://localhost:22",
        "agent https 8443 --subdomain demo, 8443, agent https://localhost:8443",
        "agent tls 8443, 8443, agent 8443 --protocol tls",
    })
    void behindAgent(String words, String unexpected, String meant) {
        assertEquals("tunnelforge: unexpected argument '" + unexpected + "'; did you mean: " + meant, said(words));
    }

    @Test
    void aMistakeOfAnotherKindIsSaidAsBefore() {
        assertEquals("tunnelforge: unknown option --prot; did you mean --protocol?", said("agent 8080 --prot http"));
        assertEquals("tunnelforge: unexpected argument '9090'", said("agent 8080 9090"));
        assertEquals("tunnelforge: unknown command 'agnet'; did you mean agent?", said("agnet 8080"));
        assertEquals("tunnelforge: unknown command 'frobnicate'", said("frobnicate"));
    }
}
