package tunnelforge.mux;

import java.io.IOException;
import tunnelforge.http.Fields;
import tunnelforge.http.Heads;
import tunnelforge.http.HttpException;
import tunnelforge.http.HttpReader;
import tunnelforge.http.ResponseHead;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.Limits;

/** What both sides send of an exchange in the same way: the end of a body, and the bytes behind a 101. */
public final class Outflow {
    private Outflow() {
    }

    /**
     * Adds RESPONSE.
     *
     * @param frames it is added to
     * @param id the request id
     * @param head informational or final
     * @throws HttpException when it is over {@link Limits#MAX_RESPONSE_HEAD}; nothing was added
     */
    public static void head(FrameBuffer frames, int id, ResponseHead head) throws HttpException {
        int length = Heads.length(head);
        if (length > Limits.MAX_RESPONSE_HEAD) {
            throw new HttpException(502, "a response head of " + length + " bytes, over " + Limits.MAX_RESPONSE_HEAD);
        }
        int header = frames.begin(id, FrameType.RESPONSE);
        frames.ensure(length);
        frames.advance(Heads.write(head, frames.array(), frames.length()));
        frames.finish(header);
    }

    /**
     * Adds END, with the trailers if there are any.
     *
     * @param frames it is added to
     * @param id the request id
     * @param trailers perhaps empty
     * @param tooLarge the status of what is thrown when they are over {@link Limits#MAX_TRAILERS}
     * @throws HttpException when they are too large; nothing was added
     */
    public static void end(FrameBuffer frames, int id, Fields trailers, int tooLarge) throws HttpException {
        if (trailers.size() == 0) {
            frames.end(id);
            return;
        }
        byte[] section = new byte[Heads.length(trailers)];
        if (section.length > Limits.MAX_TRAILERS) {
            throw new HttpException(tooLarge, "trailers of " + section.length + " bytes, over the limit of " + Limits.MAX_TRAILERS);
        }
        Heads.write(trailers, section, 0);
        frames.frame(id, FrameType.END, section, 0, section.length);
    }

    /**
     * Sends what comes behind a 101, as it comes, and END behind its end. Returns early when the exchange is over.
     *
     * @param exchange of an upgrade that was granted
     * @param from where the bytes come from
     * @param frames used for each piece
     * @throws ResetException when the exchange has failed
     * @throws IOException when reading fails
     */
    public static void session(Exchange exchange, HttpReader from, FrameBuffer frames) throws IOException {
        int credit;
        while ((credit = exchange.awaitCredit()) > 0) {
            frames.clear();
            if (!from.fill()) {
                frames.end(exchange.id());
                exchange.send(frames, 0, true);
                return;
            }
            int count = Math.min(credit, from.buffered());
            int header = frames.begin(exchange.id(), FrameType.DATA);
            frames.ensure(count);
            count = from.readRaw(frames.array(), frames.length(), count);
            frames.advance(count);
            frames.finish(header);
            exchange.send(frames, count, false);
        }
    }
}
