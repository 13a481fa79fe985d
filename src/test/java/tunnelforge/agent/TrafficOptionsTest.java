package tunnelforge.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.agent.local.Target;
import tunnelforge.agent.traffic.Traffic;
import tunnelforge.cli.CommandLine;
import tunnelforge.cli.UsageException;
import tunnelforge.http.FieldChanges;
import tunnelforge.wire.TunnelProtocol;

/** What may be asked for, and what is said where it may not. */
final class TrafficOptionsTest {
    private static Traffic of(String target, String... words) throws UsageException {
        return TrafficOptions.of(CommandLine.parse(TrafficOptions.ALL, 0, List.of(words)), TunnelProtocol.HTTPS, Target.parse(target));
    }

    private static String refused(String... words) {
        return assertThrows(UsageException.class, () -> of("8080", words)).getMessage();
    }

    @Test
    void nothingIsDoneUnlessAsked() throws Exception {
        assertEquals(Traffic.UNCHANGED, of("8080"));
    }

    @Test
    void eachOptionMayBeRepeated() throws Exception {
        Traffic traffic = of("8080", "--request-header-add", "X-A: 1", "--request-header-add=X-A:2", "--request-header-remove", "Cookie", "--response-header-remove", "Server",
                "--response-header-remove", "X-Powered-By", "--response-header-add", "X-Frame-Options:  DENY ", "--response-header-add", "X-Empty:", "--compression", "--server-timing");
        assertEquals(new FieldChanges(List.of("Cookie"), List.of(new FieldChanges.Line("X-A", "1"), new FieldChanges.Line("X-A", "2"))), traffic.toService());
        assertEquals(new FieldChanges(List.of("Server", "X-Powered-By"), List.of(new FieldChanges.Line("X-Frame-Options", "DENY"), new FieldChanges.Line("X-Empty", ""))), traffic.toVisitor());
        assertTrue(traffic.compression());
        assertTrue(traffic.serverTiming());
    }

    /** As curl sends it from a terminal that speaks UTF-8. */
    @Test
    void otherLettersAreSentInUtf8() throws Exception {
        assertEquals("gr\u00c3\u00bcn", of("8080", "--request-header-add", "X-A: gr\u00fcn").toService().added().getFirst().value());
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length", "Transfer-Encoding", "Connection", "Upgrade", "Host", "Keep-Alive", "TE", "Trailer", "Proxy-Connection", "HTTP2-Settings", "TunnelForge-Error",
        "tunnelforge-anything", "content_length", "Transfer_Encoding", "x_forwarded_for", "HOST", "trailer"})
    void whatFramesOrRoutesIsNotChanged(String name) {
        for (String option : List.of("--request-header-add", "--response-header-add")) {
            String message = refused(option, name + ": 1");
            assertTrue(message.startsWith(option + " may not change " + name + ": "), message);
        }
        for (String option : List.of("--request-header-remove", "--response-header-remove")) {
            String message = refused(option, name);
            assertTrue(message.startsWith(option + " may not change " + name + ": "), message);
        }
    }

    @Test
    void whatAGatewaySaysMayBeChangedForTheOwnService() throws Exception {
        assertEquals(List.of("X-Forwarded-For"), of("8080", "--request-header-remove", "X-Forwarded-For").toService().removed());
        assertEquals("--request-header-add may not change CDN-Loop: by it a tunnel that leads back to itself is noticed", refused("--request-header-add", "CDN-Loop: x"));
        assertTrue(refused("--request-header-remove", "Expect").contains("waits"));
        assertTrue(refused("--request-header-add", "Host: x").contains("--host-header"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"no-colon-secret | takes 'NAME: VALUE'", "X A: secret | no name of a field", ": secret | no name of a field", "X-A : secret | no name of a field",
        "'X-A: secret\u0007' | may not stand in a field", "'X-A: secret\r\nX-B: 1' | may not stand in a field", "X-A: secret\ufffd | UTF-8 locale"})
    void whatCouldNotBeSentIsToldWithoutItsValue(String line, String why) {
        String message = refused("--response-header-add", line);
        assertTrue(message.contains(why), message);
        assertFalse(message.contains("secret"), message);
    }

    @Test
    void thereIsAMost() throws Exception {
        List<String> words = new ArrayList<>();
        for (int i = 0; i < 32; i++) {
            words.addAll(List.of("--response-header-add", "X-A: " + i));
        }
        of("8080", words.toArray(String[]::new));
        words.addAll(List.of("--response-header-add", "X-A: 32"));
        assertEquals("--response-header-add may be given 32 times, not 33", refused(words.toArray(String[]::new)));
        assertEquals("--request-header-add: all of them have 4107 bytes, over 4096", refused("--request-header-add", "X-A: " + "x".repeat(4100)));
    }

    @Test
    void theyAreForWhatSpeaksHttp() {
        for (String[] words : new String[][] {{"--compression"}, {"--server-timing"}, {"--response-header-remove", "A"}, {"--request-header-add", "A: 1"}}) {
            String message = assertThrows(UsageException.class,
                    () -> TrafficOptions.of(CommandLine.parse(TrafficOptions.ALL, 0, List.of(words)), TunnelProtocol.TCP, Target.parse("tcp://localhost:1"))).getMessage();
            assertEquals(words[0] + " is for http and https tunnels; what a tcp tunnel carries is not looked into", message);
        }
    }

    @Test
    void aDirectoryGetsNoRequests() throws Exception {
        assertTrue(of("file:///", "--compression", "--response-header-remove", "Date").compression());
        assertEquals("--request-header-remove is for a local service; a directory has none",
                assertThrows(UsageException.class, () -> of("file:///", "--request-header-remove", "A")).getMessage());
    }
}
