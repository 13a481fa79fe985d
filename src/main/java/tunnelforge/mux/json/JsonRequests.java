package tunnelforge.mux.json;

import java.util.ArrayList;
import java.util.List;
import tunnelforge.http.Fields;
import tunnelforge.http.RequestHead;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.JsonExchange;

/** Requests in the JSON encoding. */
public final class JsonRequests {
    private static final int FIRST_SIZE = 1024;

    private JsonRequests() {
    }

    /**
     * MESSAGE. {@code Expect} is left out, since the server answers it itself, and {@code TE}, which an agent could not pass on alone.
     *
     * @param body null or empty for none, or for one that follows
     * @param follows whether the body comes in frames
     */
    public static FrameBuffer message(RequestHead head, byte[] body, boolean follows) {
        Fields fields = head.fields();
        List<String> headers = new ArrayList<>(2 * fields.size());
        for (int i = 0; i < fields.size(); i++) {
            if (!fields.name(i).equalsIgnoreCase("Expect") && !fields.name(i).equalsIgnoreCase("TE")) {
                headers.add(fields.name(i));
                headers.add(fields.value(i));
            }
        }
        int length = body == null ? 0 : body.length;
        FrameBuffer frames = new FrameBuffer(FIRST_SIZE);
        frames.message(0, JsonExchange.request(fields.get("tunnelforge-request-id"), head.method(), head.target(), headers, length == 0 ? null : body, 0, length, follows));
        return frames;
    }
}
