package tunnelforge.wire;

import tunnelforge.json.JsonException;
import tunnelforge.json.JsonObject;
import tunnelforge.json.JsonReader;

/** The types of MESSAGE frames on a data connection. */
public final class DataMessage {
    /** The agent's first frame: {@link DataConnectionHello}. */
    public static final String HELLO = "data_connection";
    /** The server's answer to it: {@link DataConnectionAccepted}. */
    public static final String ACCEPTED = "data_connection_accepted";
    /** Either side's {@link ServerMessage.Error}. */
    public static final String ERROR = "error";
    /** The server's {@link JsonExchange.Request}. */
    public static final String REQUEST = "request";
    /** The agent's {@link JsonExchange.Response}. */
    public static final String RESPONSE = "response";

    /** The server's {@link VisitorLeft}. */
    public static final String VISITOR_LEFT = "visitor_left";

    private DataMessage() {
    }

    /**
     * The type of a message, to choose its reader by; one that no constant here names is to be ignored.
     *
     * @throws JsonException when it is not a JSON object with such a field
     */
    public static String typeOf(String json) throws JsonException {
        return JsonReader.parseObject(json).string("type");
    }

    static JsonObject ofType(String type, String text) throws JsonException {
        JsonObject json = JsonReader.parseObject(text);
        if (!json.string("type").equals(type)) {
            throw new JsonException("field 'type' must be " + type);
        }
        return json;
    }
}
