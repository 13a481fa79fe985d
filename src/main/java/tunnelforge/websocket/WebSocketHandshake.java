package tunnelforge.websocket;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import tunnelforge.text.Digests;

/** The values that the opening handshake's heads carry (RFC 6455, section 4). The heads themselves are the caller's. */
public final class WebSocketHandshake {
    /** The only {@code Sec-WebSocket-Version} (section 4.1); an answer of 426 names it (section 4.4). */
    public static final String VERSION = "13";

    /** What a server appends to the key (section 1.3). */
    static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private static final int KEY_BYTES = 16;
    private static final int KEY_CHARACTERS = 24;

    private WebSocketHandshake() {
    }

    /**
     * The server's {@code Sec-WebSocket-Accept} for a client's key (section 4.2.2).
     *
     * @param key the value of {@code Sec-WebSocket-Key}, which {@link #isValidKey} accepts
     * @throws IllegalArgumentException if the key is not valid
     */
    public static String accept(String key) {
        if (!isValidKey(key)) {
            throw new IllegalArgumentException("not a Sec-WebSocket-Key");
        }
        return Base64.getEncoder().encodeToString(Digests.sha1((key + GUID).getBytes(StandardCharsets.ISO_8859_1)));
    }

    /**
     * Whether a {@code Sec-WebSocket-Key} is 16 bytes in base64 (section 4.2.1).
     *
     * @param key the value, without blanks around it; null when the field is absent
     */
    public static boolean isValidKey(String key) {
        if (key == null || key.length() != KEY_CHARACTERS) {
            return false;
        }
        try {
            return Base64.getDecoder().decode(key).length == KEY_BYTES;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** A key for a client's request (section 4.1): 16 random bytes in base64. */
    public static String newKey() {
        byte[] key = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(key);
        return Base64.getEncoder().encodeToString(key);
    }
}
