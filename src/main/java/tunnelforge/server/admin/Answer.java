package tunnelforge.server.admin;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import tunnelforge.json.JsonValue;
import tunnelforge.json.JsonWriter;

/**
 * What a request to the admin port gets.
 *
 * @param fields beside those that all answers have
 */
record Answer(int status, String contentType, String body, Map<String, String> fields) {
    static final int OK = 200;
    static final int NOT_FOUND = 404;
    static final int UNAVAILABLE = 503;

    private static final String TEXT = "text/plain; charset=utf-8";

    static Answer text(int status, String text) {
        return new Answer(status, TEXT, text + "\n", Map.of());
    }

    static Answer json(JsonValue value) {
        return new Answer(OK, "application/json", JsonWriter.write(value) + "\n", Map.of());
    }

    /** The same with one more field. */
    Answer with(String field, String value) {
        return new Answer(status, contentType, body, Map.of(field, value));
    }

    byte[] bytes() {
        return body.getBytes(StandardCharsets.UTF_8);
    }
}
