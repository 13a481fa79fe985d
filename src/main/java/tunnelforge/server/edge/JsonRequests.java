package tunnelforge.server.edge;

import tunnelforge.http.RequestHead;
import tunnelforge.mux.json.JsonMessages;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.Limits;

/**
 * Requests in the JSON encoding. What becomes of a collected body here is bounded by the number of data connections in this encoding, each of which carries one
 * request.
 */
final class JsonRequests {
    private static final int FIRST_SIZE = 1024;

    private JsonRequests() {
    }

    /** MESSAGE for a request; content that is longer than {@link Limits#JSON_INLINE_BODY} follows in frames. */
    static FrameBuffer message(RequestHead head, RequestContent content) {
        byte[] body = switch (content) {
            case RequestContent.None none -> null;
            case RequestContent.Whole whole -> whole.bytes();
            case RequestContent.Collected collected -> collected.repeatable() ? collected.bytes() : null;
            case RequestContent.Streaming streaming -> null;
        };
        FrameBuffer frames = new FrameBuffer(FIRST_SIZE);
        frames.message(0, JsonMessages.request(head, body != null && body.length > 0 ? body : null, !content.repeatable()));
        return frames;
    }
}
