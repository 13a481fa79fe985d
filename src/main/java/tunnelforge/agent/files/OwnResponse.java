package tunnelforge.agent.files;

import java.io.EOFException;
import java.io.IOException;
import tunnelforge.http.ResponseHead;
import tunnelforge.mux.Exchange;
import tunnelforge.mux.Outflow;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.Limits;

/** Sends a response of known length that the agent makes itself: head, body and END, together where they fit. */
final class OwnResponse {
    private static final int ROOM_FOR_HEAD = 1024;

    /** Where the bytes of a body come from. */
    interface Source {
        /** Reads some, as {@link java.io.InputStream#read(byte[], int, int)} does. */
        int read(byte[] b, int off, int len) throws IOException;
    }

    private OwnResponse() {
    }

    /**
     * Sends all of it.
     *
     * @param length of the body, 0 for none
     * @throws EOFException when the source ends before that; the exchange is then the caller's to reset
     * @throws tunnelforge.mux.ResetException when the exchange has failed
     */
    static void send(Exchange exchange, ResponseHead head, long length, Source source) throws IOException {
        FrameBuffer frames = new FrameBuffer((int) Math.min(length, Limits.MAX_DATA) + ROOM_FOR_HEAD);
        Outflow.head(frames, exchange.id(), head);
        for (long left = length; left > 0;) {
            int credit = exchange.awaitCredit();
            if (credit == 0) {
                return;
            }
            int header = frames.begin(exchange.id(), FrameType.DATA);
            int most = (int) Math.min(credit, left);
            frames.ensure(most);
            int count = source.read(frames.array(), frames.length(), most);
            if (count < 0) {
                throw new EOFException("it ends " + left + " bytes before its end");
            }
            frames.advance(count);
            frames.finish(header);
            left -= count;
            if (left > 0) {
                exchange.send(frames, count, false);
                frames.clear();
            } else {
                end(exchange, frames, count);
            }
        }
        if (length == 0) {
            end(exchange, frames, 0);
        }
    }

    private static void end(Exchange exchange, FrameBuffer frames, int dataBytes) throws IOException {
        frames.end(exchange.id());
        exchange.send(frames, dataBytes, true);
    }
}
