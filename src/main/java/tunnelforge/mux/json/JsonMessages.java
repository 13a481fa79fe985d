package tunnelforge.mux.json;

import java.util.ArrayList;
import java.util.List;
import tunnelforge.http.Fields;
import tunnelforge.http.RequestHead;
import tunnelforge.wire.JsonExchange;

/** What the server says in the JSON encoding. */
public final class JsonMessages {
    private JsonMessages() {
    }

    /**
     * A request. {@code Expect} is left out, since the server answers it itself.
     *
     * @param body null for none, or for one that follows
     * @param follows whether the body comes in frames
     */
    public static String request(RequestHead head, byte[] body, boolean follows) {
        Fields fields = head.fields();
        List<String> headers = new ArrayList<>(2 * fields.size());
        for (int i = 0; i < fields.size(); i++) {
            if (!fields.name(i).equalsIgnoreCase("Expect")) {
                headers.add(fields.name(i));
                headers.add(fields.value(i));
            }
        }
        return JsonExchange.request(fields.get("tunnelforge-request-id"), head.method(), head.target(), headers, body, 0,
                body == null ? 0 : body.length, follows);
    }
}
