package tunnelforge.wire;

import tunnelforge.json.JsonException;
import tunnelforge.json.JsonObject;
import tunnelforge.json.JsonWriter;

/**
 * The server's word that a visitor's connection has ended, on which a login was begun.
 *
 * @param visitorConnection as requests have named it
 */
public record VisitorLeft(String visitorConnection) {
    /** Refuses what the wire does not allow: {@link IllegalArgumentException}. */
    public VisitorLeft {
        Check.id("visitor_connection", visitorConnection);
    }

    /**
     * Reads one.
     *
     * @throws JsonException when it is another message, or the field is missing or too long
     */
    public static VisitorLeft parse(String text) throws JsonException {
        JsonObject json = DataMessage.ofType(DataMessage.VISITOR_LEFT, text);
        try {
            return new VisitorLeft(json.string("visitor_connection"));
        } catch (IllegalArgumentException e) {
            throw new JsonException(e.getMessage());
        }
    }

    /** The message as text for the wire. */
    public String toJson() {
        return JsonWriter.write(JsonObject.builder().put("type", DataMessage.VISITOR_LEFT).put("visitor_connection", visitorConnection).build());
    }
}
