package tunnelforge.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import tunnelforge.json.JsonException;
import tunnelforge.json.JsonObject;

/** The body of a message in the JSON encoding: it stands in the message, follows in DATA frames, or is absent. */
final class InlineBody {
    private static final int LONGEST = (Limits.JSON_INLINE_BODY + 2) / 3 * 4;

    private final byte[] bytes;
    private final boolean follows;

    private InlineBody(byte[] bytes, boolean follows) {
        this.bytes = bytes;
        this.follows = follows;
    }

    static InlineBody parse(JsonObject json) throws JsonException {
        boolean follows = json.bool("body_follows", false);
        String base64 = json.string("body", null);
        if (base64 == null) {
            return new InlineBody(null, follows);
        }
        if (follows) {
            throw new JsonException("field 'body' cannot be there when the body follows");
        }
        if (base64.length() > LONGEST) {
            throw tooLarge(base64.length() + " characters");
        }
        byte[] bytes = decode(base64);
        if (bytes.length > Limits.JSON_INLINE_BODY) {
            throw tooLarge(bytes.length + " bytes");
        }
        return new InlineBody(bytes, false);
    }

    /** {@code body} is null when there is none, or it follows. */
    static void put(JsonObject.Builder json, byte[] body, int off, int len, boolean follows) {
        if (follows) {
            if (body != null) {
                throw new IllegalArgumentException("a body that is here cannot follow");
            }
            json.put("body_follows", true);
        } else if (body != null) {
            if (len > Limits.JSON_INLINE_BODY) {
                throw new IllegalArgumentException("a body of " + len + " bytes must follow; the limit is "
                        + Limits.JSON_INLINE_BODY);
            }
            ByteBuffer base64 = Base64.getEncoder().encode(ByteBuffer.wrap(body, off, len));
            json.put("body", new String(base64.array(), 0, base64.limit(), StandardCharsets.ISO_8859_1));
        }
    }

    /** Not copied; null when there is none, or it follows. */
    byte[] bytes() {
        return bytes;
    }

    boolean follows() {
        return follows;
    }

    /** The JDK's decoder accepts base64 without padding; the protocol does not. */
    private static byte[] decode(String base64) throws JsonException {
        if (base64.length() % 4 == 0) {
            try {
                return Base64.getDecoder().decode(base64);
            } catch (IllegalArgumentException e) {
                // Refused below, without the JDK's message: it may show a part of the body.
            }
        }
        throw new JsonException("field 'body' must be base64 with padding, without line ends");
    }

    private static JsonException tooLarge(String what) {
        return new JsonException("field 'body' of " + what + " is over the limit of " + Limits.JSON_INLINE_BODY
                + " bytes; a larger body follows in DATA frames");
    }
}
