package tunnelforge.wire;

import java.util.List;
import java.util.Objects;
import tunnelforge.json.JsonArray;
import tunnelforge.json.JsonException;
import tunnelforge.json.JsonObject;
import tunnelforge.json.JsonWriter;

/**
 * The server's answer to {@link DataConnectionHello}: a MESSAGE on id 0. From it on frames of exchanges may come.
 *
 * @param features optional parts of the protocol that both sides now use; unknown names mean nothing
 * @param limits what both sides keep to on this connection
 */
public record DataConnectionAccepted(List<String> features, TunnelLimits limits) {
    /** Refuses what the wire does not allow: {@link IllegalArgumentException}. */
    public DataConnectionAccepted {
        features = List.copyOf(features);
        if (features.size() > Limits.MAX_FEATURES) {
            throw new IllegalArgumentException("field 'features' has " + features.size() + " names; the limit is "
                    + Limits.MAX_FEATURES);
        }
        Objects.requireNonNull(limits, "limits");
    }

    /**
     * Reads one.
     *
     * @return the message; without {@code features} there are none, without {@code limits} the wire's own hold
     * @throws JsonException when it is another message, or a field is of the wrong type or out of its range
     */
    public static DataConnectionAccepted parse(String text) throws JsonException {
        JsonObject json = DataMessage.ofType(DataMessage.ACCEPTED, text);
        try {
            return new DataConnectionAccepted(json.strings("features"), TunnelLimits.from(json.objectOrEmpty("limits")));
        } catch (IllegalArgumentException e) {
            throw new JsonException(e.getMessage());
        }
    }

    /** The message as text for the wire. */
    public String toJson() {
        return JsonWriter.write(JsonObject.builder().put("type", DataMessage.ACCEPTED)
                .put("features", JsonArray.ofStrings(features)).put("limits", limits.toJson()).build());
    }
}
