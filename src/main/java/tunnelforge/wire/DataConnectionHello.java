package tunnelforge.wire;

import java.util.List;
import java.util.Objects;
import tunnelforge.json.JsonArray;
import tunnelforge.json.JsonException;
import tunnelforge.json.JsonObject;
import tunnelforge.json.JsonWriter;

/**
 * The agent's first frame on a data connection: a MESSAGE on id 0, at most {@link Limits#HELLO_MESSAGE} bytes.
 *
 * @param tunnelId the tunnel that it serves
 * @param encoding how HTTP is to come
 * @param resend whether the agent knows requests that are sent again; in the binary encoding
 * @param features optional parts of the protocol that the agent knows; unknown names mean nothing
 */
public record DataConnectionHello(String tunnelId, String connectionId, DataEncoding encoding, boolean resend, List<String> features) {
    /** Refuses what the wire does not allow: {@link IllegalArgumentException}. */
    public DataConnectionHello {
        Check.id("tunnel_id", tunnelId);
        Check.id("connection_id", connectionId);
        Objects.requireNonNull(encoding, "encoding");
        features = List.copyOf(features);
        if (features.size() > Limits.MAX_FEATURES) {
            throw new IllegalArgumentException("field 'features' has " + features.size() + " names; the limit is " + Limits.MAX_FEATURES);
        }
    }

    /**
     * Reads one.
     *
     * @return the message; without {@code encoding} it is JSON
     * @throws JsonException when it is another message, or a field is missing, of the wrong type or out of its range
     */
    public static DataConnectionHello parse(String text) throws JsonException {
        JsonObject object = DataMessage.ofType(DataMessage.HELLO, text);
        DataEncoding encoding = DataEncoding.of(object.string("encoding", DataEncoding.JSON.wireName()));
        try {
            return new DataConnectionHello(object.string("tunnel_id"), object.string("connection_id"), encoding,
                    object.bool("resend", false), object.strings("features"));
        } catch (IllegalArgumentException e) {
            throw new JsonException(e.getMessage());
        }
    }

    /** The message as text for the wire. */
    public String toJson() {
        JsonObject.Builder object = JsonObject.builder().put("type", DataMessage.HELLO).put("tunnel_id", tunnelId)
                .put("connection_id", connectionId).put("encoding", encoding.wireName());
        if (resend) {
            object.put("resend", true);
        }
        if (!features.isEmpty()) {
            object.put("features", JsonArray.ofStrings(features));
        }
        return JsonWriter.write(object.build());
    }
}
