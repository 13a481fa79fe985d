package tunnelforge.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.List;
import tunnelforge.fuzz.Codec;

/** WebSocket messages as either end reads them, and the key of a handshake, for the fuzzer. */
public final class WebSocketCodecs {
    private static final int MAX_MESSAGE = 64 * 1024;
    private static final String FRAMES = "8105 48656c6c6f|0103 c3a978|0900|8003 e282ac|8200|8a02 0102|827e0080 " + "00".repeat(128) + "|8802 03e8";
    private static final String[] ODD = {"8103 c3a9ff", "0101 c3|8001 a9", "0101 c3|8001 28", "827f0000000000010000", "827f8000000000000000", "827e007d", "8801 03", "8802 03ed",
            "8803 03e8ff", "c100", "8300",
        "0900|0900", "897e0080", "8000", "0100|0100", "0200".concat("|0000".repeat(50)), "81 04 f0908080", "8103 eda080"};

    private WebSocketCodecs() {
    }

    public static List<Codec<?>> all() {
        return List.of(messages(Role.SERVER), messages(Role.CLIENT), keys());
    }

    private static Codec<?> messages(Role role) {
        Codec<WebSocketMessage> codec = Codec.<WebSocketMessage>ofStream(role == Role.SERVER ? "websocket-of-clients" : "websocket-of-servers", (in, found) -> {
            WebSocketReader reader = new WebSocketReader(in, MAX_MESSAGE, role);
            while (true) {
                found.accept(reader.read());
            }
        })
        .refusesBy(WebSocketException.class, EOFException.class).withCode(e -> e instanceof WebSocketException refusal ? " " + refusal.closeCode() : "").inWords(Wire::describe)
            // What has arrived, doubled while it grows, its copy as text; a Ping of two octets is two objects. Nothing for a length that is only announced.
            .upTo(MAX_MESSAGE + 2000).allocates(8 * 1024, 24).suchThat(message -> checkWritten(message, role));
        for (String frames : ODD) {
            codec.from(bytes(frames, role), bytes(FRAMES + "|" + frames, role));
        }
        return codec.from(bytes(FRAMES, role));
    }

    private static byte[] bytes(String frames, Role role) {
        return role == Role.SERVER ? Wire.masked(frames) : Wire.bytes(frames);
    }

    /** Written by the same end, it is read by the other as the same. */
    private static void checkWritten(WebSocketMessage message, Role role) throws IOException {
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        WebSocketWriter writer = new WebSocketWriter(wire, role);
        switch (message) {
            case WebSocketMessage.Text text -> writer.text(text.text());
            case WebSocketMessage.Binary binary -> writer.binary(binary.bytes(), 0, binary.bytes().length);
            case WebSocketMessage.Ping ping -> writer.ping(ping.payload());
            case WebSocketMessage.Pong pong -> writer.pong(pong.payload());
            case WebSocketMessage.Close close -> writer.close(close.code(), close.reason());
        }
        WebSocketReader other = new WebSocketReader(new ByteArrayInputStream(wire.toByteArray()), MAX_MESSAGE, role == Role.SERVER ? Role.CLIENT : Role.SERVER);
        assertEquals(Wire.describe(message), Wire.describe(other.read()));
    }

    private static Codec<?> keys() {
        return Codec.ofText("websocket-keys", text -> {
            if (!WebSocketHandshake.isValidKey(text)) {
                WebSocketHandshake.accept(text);
            }
            return text;
        }).from("dGhlIHNhbXBsZSBub25jZQ==", "AAAAAAAAAAAAAAAAAAAAAA==", "AAAAAAAAAAAAAAAAAAAAAB==", "AAAAAAAAAAAAAAAAAAAAAAA=", "AAAAAAAAAAAAAAAAAAAAAAAA")
        .spicedWith("=", "==",
            "\u00c4\u00b0")
            .refusesBy(IllegalArgumentException.class).allocates(4 * 1024, 16).suchThat(key -> {
                assertTrue(key.matches("[A-Za-z0-9+/]{22}=="), key);
                assertFalse(WebSocketHandshake.accept(key).isEmpty());
            });
    }
}
