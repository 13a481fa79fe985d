package tunnelforge.wire;

import tunnelforge.json.JsonException;
import tunnelforge.json.JsonObject;
import tunnelforge.json.JsonWriter;

/**
 * The agent's first frame on a data connection: a MESSAGE on id 0, at most {@link Limits#HELLO_MESSAGE} bytes.
 *
 * @param tunnelId the tunnel that it serves
 * @param connectionId from {@code open_data_connection}
 * @param json whether HTTP comes in the JSON encoding, not the binary one
 * @param resend whether the agent knows re-sent requests
 */
public record DataConnectionHello(String tunnelId, String connectionId, boolean json, boolean resend) {
    /** Refuses what the wire does not allow: {@link IllegalArgumentException}. */
    public DataConnectionHello {
        Check.id("tunnel_id", tunnelId);
        Check.id("connection_id", connectionId);
    }

    /**
     * Reads one.
     *
     * @param text the payload
     * @return the message; without {@code encoding} it is JSON
     * @throws JsonException when it is another message, or a field is missing, of the wrong type or out of its range
     */
    public static DataConnectionHello parse(String text) throws JsonException {
        JsonObject object = DataMessage.ofType(DataMessage.HELLO, text);
        boolean json = switch (object.string("encoding", "json")) {
            case "json" -> true;
            case "binary" -> false;
            default -> throw new JsonException("field 'encoding' must be binary or json");
        };
        try {
            return new DataConnectionHello(object.string("tunnel_id"), object.string("connection_id"), json,
                    object.bool("resend", false));
        } catch (IllegalArgumentException e) {
            throw new JsonException(e.getMessage());
        }
    }

    /**
     * The message as text for the wire.
     *
     * @return one JSON object
     */
    public String toJson() {
        JsonObject.Builder object = JsonObject.builder().put("type", DataMessage.HELLO).put("tunnel_id", tunnelId)
                .put("connection_id", connectionId).put("encoding", json ? "json" : "binary");
        if (resend) {
            object.put("resend", true);
        }
        return JsonWriter.write(object.build());
    }
}
