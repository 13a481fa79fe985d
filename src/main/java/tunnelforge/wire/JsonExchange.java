package tunnelforge.wire;

import java.util.List;
import tunnelforge.http.Fields;
import tunnelforge.json.JsonException;
import tunnelforge.json.JsonObject;
import tunnelforge.json.JsonReader;
import tunnelforge.json.JsonWriter;

/**
 * HTTP exchanges in the JSON encoding: {@code request} and {@code response} MESSAGEs. Strings hold ISO-8859-1 octets as
 * code points, bodies are base64 (RFC 4648 section 4, padded).
 *
 * <p>Header fields are flat lists here: name, value, name, value. On the wire they are an object whose values are a
 * string, or an array of strings for a field that stands on several lines.
 */
public final class JsonExchange {
    private JsonExchange() {
    }

    /** What an agent may answer to a request: {@link Response}, {@link ServerMessage.Error}, or {@link Unknown}. */
    public sealed interface Answer permits Response, ServerMessage.Error, Unknown {
    }

    /** A MESSAGE of a type that this version does not know, to be ignored. */
    public record Unknown(String type) implements Answer {
    }

    /** A request, as an agent in Java reads it. */
    public static final class Request {
        private final String requestId;
        private final String method;
        private final String path;
        private final Headers headers;
        private final InlineBody body;

        private Request(JsonObject json) throws JsonException {
            requestId = requestIdOf(json);
            method = json.string("method");
            path = json.string("path");
            if (!Fields.isName(method)) {
                throw new JsonException("field 'method' must be a token");
            }
            if (path.isEmpty() || !path.chars().allMatch(c -> c > ' ' && c != 0x7f && c <= 0xff)) {
                throw new JsonException("field 'path' must be visible characters up to U+00FF");
            }
            headers = Headers.parse(json.objectOrEmpty("headers"));
            body = InlineBody.parse(json);
        }

        /** The exchange's 128-bit name, to be echoed: 1 to {@link Limits#MAX_ID} characters. */
        public String requestId() {
            return requestId;
        }

        /** The method: a token (RFC 9110 section 5.6.2). */
        public String method() {
            return method;
        }

        /** The request target: path and query, or {@code *}. */
        public String path() {
            return path;
        }

        /** The header fields but for {@code Content-Length} and {@code Transfer-Encoding}: name, value, name, value; unmodifiable. */
        public List<String> headers() {
            return headers.lines();
        }

        /**
         * What {@code Content-Length} said; the body decides, but it helps a streamed upload.
         *
         * @return bytes, or -1 when absent or odd
         */
        public long contentLength() {
            return headers.contentLength();
        }

        /**
         * The body that stood in the message.
         *
         * @return the bytes, not a copy; null when the message has none
         */
        public byte[] body() {
            return body.bytes();
        }

        /** Whether the body comes in DATA frames up to END. */
        public boolean bodyFollows() {
            return body.follows();
        }
    }

    /** A response, as the server reads it. */
    public static final class Response implements Answer {
        private final String requestId;
        private final int status;
        private final Headers headers;
        private final InlineBody body;

        private Response(JsonObject json) throws JsonException {
            requestId = requestIdOf(json);
            status = (int) json.integer("status_code", 200, 999);
            headers = Headers.parse(json.objectOrEmpty("headers"));
            body = InlineBody.parse(json);
        }

        /** The request's id, echoed: 1 to {@link Limits#MAX_ID} characters. */
        public String requestId() {
            return requestId;
        }

        /** The status code: 200 to 999. */
        public int status() {
            return status;
        }

        /** The header fields but for {@code Content-Length} and {@code Transfer-Encoding}: name, value, name, value; unmodifiable. */
        public List<String> headers() {
            return headers.lines();
        }

        /**
         * What {@code Content-Length} said: of use for the answer to HEAD and for 304, which have no body to measure.
         *
         * @return bytes, or -1 when absent or odd
         */
        public long contentLength() {
            return headers.contentLength();
        }

        /**
         * The body that stood in the message.
         *
         * @return the bytes, not a copy; null when the message has none
         */
        public byte[] body() {
            return body.bytes();
        }

        /** Whether the body comes in DATA frames up to END. */
        public boolean bodyFollows() {
            return body.follows();
        }
    }

    /**
     * Writes a request. {@code Transfer-Encoding} is left out of the headers; {@code Content-Length} stays, for an agent
     * that streams the body on.
     *
     * @param requestId the exchange's 128-bit name
     * @param headers name, value, name, value
     * @param body the array that holds the whole body, or null when there is none or it follows
     * @param len its length, at most {@link Limits#JSON_INLINE_BODY}
     * @param bodyFollows whether DATA frames up to END follow; then {@code body} is null
     */
    public static String request(String requestId, String method, String path, List<String> headers, byte[] body, int off,
            int len, boolean bodyFollows) {
        JsonObject.Builder json = JsonObject.builder().put("type", DataMessage.REQUEST).put("request_id", requestId)
                .put("method", method).put("path", path).put("headers", Headers.toJson(headers));
        InlineBody.put(json, body, off, len, bodyFollows);
        return JsonWriter.write(json.build());
    }

    /**
     * Writes a response. {@code Transfer-Encoding} is left out of the headers.
     *
     * @param status the status code, 200 to 999
     * @param headers name, value, name, value
     * @param body the array that holds the whole body, or null when there is none or it follows
     * @param len its length, at most {@link Limits#JSON_INLINE_BODY}
     * @param bodyFollows whether DATA frames up to END follow; then {@code body} is null
     */
    public static String response(String requestId, int status, List<String> headers, byte[] body, int off, int len,
            boolean bodyFollows) {
        JsonObject.Builder json = JsonObject.builder().put("type", DataMessage.RESPONSE).put("request_id", requestId)
                .put("status_code", status).put("headers", Headers.toJson(headers));
        InlineBody.put(json, body, off, len, bodyFollows);
        return JsonWriter.write(json.build());
    }

    /**
     * Reads what an agent sent on an exchange's id.
     *
     * @throws JsonException when it is not JSON, or a field is missing, of the wrong type or out of its range
     */
    public static Answer parseAnswer(String text) throws JsonException {
        JsonObject json = JsonReader.parseObject(text);
        String type = json.string("type");
        try {
            return switch (type) {
                case DataMessage.RESPONSE -> new Response(json);
                case DataMessage.ERROR -> ServerMessage.Error.from(json);
                default -> new Unknown(type);
            };
        } catch (IllegalArgumentException e) {
            throw new JsonException(e.getMessage());
        }
    }

    /**
     * Reads a response.
     *
     * @throws JsonException when it is another message, or a field is missing, of the wrong type or out of its range
     */
    public static Response parseResponse(String text) throws JsonException {
        return new Response(DataMessage.ofType(DataMessage.RESPONSE, text));
    }

    /**
     * Reads a request.
     *
     * @throws JsonException when it is another message, or a field is missing, of the wrong type or out of its range
     */
    public static Request parseRequest(String text) throws JsonException {
        return new Request(DataMessage.ofType(DataMessage.REQUEST, text));
    }

    private static String requestIdOf(JsonObject json) throws JsonException {
        String id = json.string("request_id");
        if (id.isEmpty() || id.length() > Limits.MAX_ID) {
            throw new JsonException("field 'request_id' must have 1 to " + Limits.MAX_ID + " characters, not " + id.length());
        }
        return id;
    }
}
