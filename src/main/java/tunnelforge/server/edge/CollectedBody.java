package tunnelforge.server.edge;

import java.io.IOException;
import java.util.Arrays;
import tunnelforge.http.BodySource;
import tunnelforge.net.Ledger;
import tunnelforge.server.access.Refusal;
import tunnelforge.wire.Limits;
import tunnelforge.wire.TunnelError;

/** The memory for a body that is read up to a limit before its request is sent on, for an agent that likes a small one in one piece. For one task. */
final class CollectedBody implements AutoCloseable {
    private static final int FIRST_PIECE = 8 * 1024;

    private final Ledger.Charge body;
    /** Of the message that holds the bytes once more; empty while there is none. */
    private final Ledger.Charge message;
    private long messageBytes;
    private boolean messageCharged;

    CollectedBody(Ledger ledger) {
        body = ledger.charge();
        message = ledger.charge();
    }

    /** The content as it is now; what is longer than the limit follows as it comes. Throws {@link Refusal} when the ledger has no room for it. */
    RequestContent read(BodySource from) throws IOException, Refusal {
        byte[] bytes = {};
        int length = 0;
        while (!from.ended() && length < Limits.JSON_INLINE_BODY) {
            if (length == bytes.length) {
                int capacity = Math.min(Limits.JSON_INLINE_BODY, Math.max(FIRST_PIECE, 2 * length));
                charge(body, capacity - length);
                bytes = Arrays.copyOf(bytes, capacity);
            }
            length += Math.max(0, from.read(bytes, length, bytes.length - length));
        }
        bytes = Arrays.copyOf(bytes, length);
        if (from.ended()) {
            messageBytes = (length + 2L) / 3 * 4;
            return new RequestContent.Whole(bytes);
        }
        BodySource all = new RequestContent.Bytes(bytes, from);
        return new RequestContent.Streaming(() -> all);
    }

    private static void charge(Ledger.Charge charge, long bytes) throws Refusal {
        if (!charge.tryAdd(bytes)) {
            throw Refusal.passing(TunnelError.OVERLOADED, "this tunnel has no memory left for another request's body");
        }
    }

    /** The whole body is to stand in a message, in base64, until {@link #messageSent}. Throws {@link Refusal} when the ledger has no room for that. */
    void chargeMessage() throws Refusal {
        if (messageBytes > 0 && !messageCharged) {
            charge(message, messageBytes);
            messageCharged = true;
        }
    }

    /** Nobody keeps the message any more. */
    void messageSent() {
        message.release();
        messageCharged = false;
    }

    @Override
    public void close() {
        body.release();
        message.release();
    }
}
