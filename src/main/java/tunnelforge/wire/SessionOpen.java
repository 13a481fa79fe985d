package tunnelforge.wire;

import tunnelforge.json.JsonException;
import tunnelforge.json.JsonObject;
import tunnelforge.json.JsonReader;
import tunnelforge.json.JsonWriter;

/**
 * The payload of OPEN: who came to a {@code tcp} or {@code tls} tunnel, and where to.
 *
 * @param visitorAddress the visitor's IP address
 * @param publicAddress the server's address that the visitor came to
 * @param publicPort the server's port that the visitor came to
 * @param sni the name in the visitor's ClientHello, or null
 */
public record SessionOpen(String visitorAddress, int visitorPort, String publicAddress, int publicPort, String sni) {
    /** Refuses what the wire does not allow: {@link IllegalArgumentException}. */
    public SessionOpen {
        Check.text("visitor_address", visitorAddress, Limits.MAX_TEXT);
        Check.range("visitor_port", visitorPort, 0, 65_535);
        Check.text("public_address", publicAddress, Limits.MAX_TEXT);
        Check.range("public_port", publicPort, 0, 65_535);
        Check.optional("sni", sni, Limits.MAX_TEXT);
    }

    /**
     * Reads one.
     *
     * @throws JsonException when it is not JSON, or a field is missing, of the wrong type or out of its range
     */
    public static SessionOpen parse(String text) throws JsonException {
        JsonObject json = JsonReader.parseObject(text);
        try {
            return new SessionOpen(json.string("visitor_address"), (int) json.integer("visitor_port", 0, 65_535),
                    json.string("public_address"), (int) json.integer("public_port", 0, 65_535), json.string("sni", null));
        } catch (IllegalArgumentException e) {
            throw new JsonException(e.getMessage());
        }
    }

    /** The payload as text for the wire. */
    public String toJson() {
        return JsonWriter.write(JsonObject.builder().put("visitor_address", visitorAddress).put("visitor_port", visitorPort)
                .put("public_address", publicAddress).put("public_port", publicPort).putIfPresent("sni", sni).build());
    }
}
