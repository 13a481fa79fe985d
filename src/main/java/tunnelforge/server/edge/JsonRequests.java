package tunnelforge.server.edge;

import java.io.IOException;
import java.util.Arrays;
import tunnelforge.http.HttpReader;
import tunnelforge.net.Connection;
import tunnelforge.net.Ledger;
import tunnelforge.server.access.Refusal;
import tunnelforge.wire.Limits;
import tunnelforge.wire.TunnelError;

/**
 * Requests in the JSON encoding. Their bodies are collected up to {@link Limits#JSON_INLINE_BODY}, and charged to the tunnel's budget as they come; what becomes of
 * them afterwards is bounded by the number of data connections in this encoding, each of which carries one request.
 */
final class JsonRequests {
    private static final int FIRST_PIECE = 8 * 1024;

    private JsonRequests() {
    }

    /** The body up to its end or to the limit; whether it was the end, the reader knows. */
    static byte[] collect(HttpReader reader, Connection connection, Ledger.Charge charge) throws IOException, Refusal {
        byte[] bytes = {};
        int length = 0;
        // For all of it: its memory is not for whoever is slowest.
        connection.deadline(Http1Connection.STALL_LIMIT);
        while (!reader.bodyEnded() && length < Limits.JSON_INLINE_BODY) {
            if (length == bytes.length) {
                int capacity = Math.min(Limits.JSON_INLINE_BODY, Math.max(FIRST_PIECE, 2 * length));
                if (!charge.tryAdd(capacity - length)) {
                    throw Refusal.passing(TunnelError.OVERLOADED, "this tunnel has no memory left for another request's body");
                }
                bytes = Arrays.copyOf(bytes, capacity);
            }
            int count = reader.readBody(bytes, length, bytes.length - length);
            length += Math.max(0, count);
        }
        connection.noDeadline();
        return Arrays.copyOf(bytes, length);
    }
}
