package tunnelforge.wire;

import tunnelforge.json.JsonException;
import tunnelforge.json.JsonObject;
import tunnelforge.json.JsonWriter;

/** The one message that is the same in both directions. */
final class KeepAliveFields {
    private KeepAliveFields() {
    }

    /** Echoed unread, so any 64-bit integer will do; null when absent. */
    static Long sentAt(JsonObject json) throws JsonException {
        return json.has("sent_at") ? json.integer("sent_at", Long.MIN_VALUE, Long.MAX_VALUE) : null;
    }

    static String toJson(String tunnelId, Long sentAt) {
        JsonObject.Builder json = JsonObject.builder().put("type", "keep_alive").put("tunnel_id", tunnelId);
        if (sentAt != null) {
            json.put("sent_at", sentAt.longValue());
        }
        return JsonWriter.write(json.build());
    }
}
