package tunnelforge.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9110 section 7.8. */
final class UpgradeTest {
    private static Fields of(String... namesAndValues) {
        Fields fields = new Fields();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            fields.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        return fields;
    }

    private static String asked(int minorVersion, Framing framing, String... namesAndValues) {
        return Upgrade.asked(new RequestHead("GET", "/", minorVersion, of(namesAndValues)), framing);
    }

    private static String asked(String... namesAndValues) {
        return asked(1, Framing.NONE, namesAndValues);
    }

    @Test
    void aRequestNeedsBothFieldsAndHttp11() {
        assertEquals("websocket", asked("Connection", "keep-alive, Upgrade", "Upgrade", "websocket"));
        assertEquals("a/1, b", asked("connection", "upgrade", "upgrade", " a/1 ,,b"));
        assertEquals("a, b", asked("Connection", "Upgrade", "Upgrade", "a", "Upgrade", "b"));
        assertNull(asked("Upgrade", "websocket"));
        assertNull(asked("Connection", "Upgrade"));
        assertNull(asked("Connection", "Upgrade", "Upgrade", " , "));
        assertNull(asked(0, Framing.NONE, "Connection", "Upgrade", "Upgrade", "websocket"));
    }

    @Test
    void aBodyOfUpTo64KiBGoesAhead() {
        String[] fields = {"Connection", "Upgrade", "Upgrade", "tcp"};
        assertEquals("tcp", asked(1, new Framing.Length(0), fields));
        assertEquals("tcp", asked(1, new Framing.Length(Upgrade.MAX_BODY), fields));
        assertNull(asked(1, new Framing.Length(Upgrade.MAX_BODY + 1), fields));
        assertNull(asked(1, Framing.CHUNKED, fields));
    }

    @ParameterizedTest
    @ValueSource(strings = {"h2c", "H2C", "h2", "h2-16", "h2c-14", "h2c/1", "HTTP/2.0", "http/3", "TLS/1.2", "tls", "\"h2c\"", "h2c;q=1", "h2c /1", "h2c/", "/h2c", "h2c\tx"})
    void anotherHttpIsTakenOffTheList(String protocol) {
        assertNull(asked("Connection", "Upgrade", "Upgrade", protocol));
        assertEquals("a, b", asked("Connection", "Upgrade", "Upgrade", "a, " + protocol, "Upgrade", "b"));
    }

    @Test
    void aProtocolOfAnotherNameStays() {
        for (String protocol : new String[] {"h2cx", "http2", "tlsx", "websocket", "tcp", "SPDY/3.1", "WebSocket/13"}) {
            assertEquals(protocol, asked("Connection", "Upgrade", "Upgrade", protocol));
        }
    }

    private static boolean granted(String asked, String... namesAndValues) {
        return Upgrade.isGranted(asked, new ResponseHead(101, "Switching Protocols", 1, of(namesAndValues)));
    }

    @Test
    void anAnswerSwitchesToWhatWasAskedFor() {
        assertTrue(granted("a, b/2", "Upgrade", "B/2"));
        assertTrue(granted("a, b/2", "Upgrade", "b/2", "Upgrade", "a"));
        assertFalse(granted("a, b/2", "Upgrade", "b"));
        assertFalse(granted("a, b/2", "Upgrade", "a, c"));
        assertFalse(granted("a, b/2", "Upgrade", "a, b/2 c"));
        assertFalse(granted("a, b/2"));
        assertFalse(granted("a, b/2", "Upgrade", ","));
        assertFalse(granted(null, "Upgrade", "a"));
    }

    private static String offered(int status, String... namesAndValues) {
        return Upgrade.offered(new ResponseHead(status, "", 1, of(namesAndValues)));
    }

    @Test
    void otherAnswersSayWhatCouldBePassedOnAndA426AllOfIt() {
        assertEquals("websocket", offered(200, "Upgrade", "h2c, websocket"));
        assertNull(offered(200, "Upgrade", "h2,h2c"));
        assertNull(offered(200));
        assertEquals("TLS/1.3, a", offered(426, "Upgrade", "TLS/1.3", "Upgrade", "a"));
        assertNull(offered(426));
    }
}
