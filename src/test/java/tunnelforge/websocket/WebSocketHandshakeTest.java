package tunnelforge.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

final class WebSocketHandshakeTest {
    @Test
    void specificationExampleIsAnswered() {
        // RFC 6455, section 1.3
        assertEquals("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", WebSocketHandshake.accept("dGhlIHNhbXBsZSBub25jZQ=="));
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ= ", "dGhlIHNhbXBsZSBub25jZQ===",
        " dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQAA", "dGhlIHNhbXBsZSBub25jZWE=", "dGhlIHNhbXBsZS-ub25jZQ==",
        "dGhlIHNhbXBsZSBub25j\u00e9Q==", "========================"})
    void otherThanSixteenBytesInBase64IsNoKey(String key) {
        assertFalse(WebSocketHandshake.isValidKey(key));
        assertThrows(IllegalArgumentException.class, () -> WebSocketHandshake.accept(key));
    }

    @Test
    void newKeysAreValidAndDiffer() {
        String key = WebSocketHandshake.newKey();
        assertTrue(WebSocketHandshake.isValidKey(key));
        assertNotEquals(key, WebSocketHandshake.newKey());
    }
}
