package tunnelforge.mux;

import java.io.IOException;
import tunnelforge.http.BodySource;
import tunnelforge.http.Fields;
import tunnelforge.http.Heads;
import tunnelforge.http.HttpException;
import tunnelforge.http.ResponseHead;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.Limits;

/** What both sides send of an exchange in the same way: a head, and a body or the bytes behind a 101. */
public final class Outflow {
    /** The first piece of a body. Later ones grow while reads fill them, so that idle streams hold little. */
    private static final int FIRST_PIECE = 8 * 1024;
    private static final int BAD_GATEWAY = 502;
    private static final int FIELDS_TOO_LARGE = 431;

    private Outflow() {
    }

    /**
     * Sends a body and END; not the rest when the exchange is over before. What is in {@code frames} leaves first: together with the body where that is at hand, at once where the source would wait. The last piece leaves
     * together with END.
     *
     * @param frames RESPONSE, or empty; used for each piece
     * @throws ResetException when the exchange has failed
     * @throws HttpException also for trailers over {@link Limits#MAX_TRAILERS}
     * @throws IOException when the source fails; the exchange is the caller's to reset
     */
    public static void send(Exchange exchange, FrameBuffer frames, BodySource source) throws IOException {
        Piece piece = new Piece(exchange, frames, source);
        while (!piece.ended) {
            if (frames.length() > 0 && !source.ready()) {
                exchange.send(frames, 0, false);
                frames.clear();
            }
            int credit = exchange.awaitCredit();
            if (credit == 0) {
                return;
            }
            piece.fill(credit);
            if (!piece.ended) {
                exchange.send(frames, piece.bytes, false);
                frames.clear();
            }
        }
        end(frames, exchange, source.trailers());
        exchange.send(frames, piece.bytes, true);
    }

    /** What is read of a source for one frame of DATA. */
    private static final class Piece {
        private final Exchange exchange;
        private final FrameBuffer frames;
        private final BodySource source;
        private int most = FIRST_PIECE;
        private int bytes;
        private boolean ended;

        Piece(Exchange exchange, FrameBuffer frames, BodySource source) {
            this.exchange = exchange;
            this.frames = frames;
            this.source = source;
            this.ended = source.ended();
        }

        /** Waits for the first bytes and takes what else is at hand; adds no frame when it was only the end. */
        void fill(int credit) throws IOException {
            if (bytes == most) {
                // The last one was filled, be it by a source that does not know what else its stream has.
                grow();
            }
            int header = frames.begin(exchange.id(), FrameType.DATA);
            bytes = 0;
            try {
                do {
                    read(Math.min(most, credit) - bytes);
                } while (!ended && source.ready() && bytes < credit && (bytes < most || grow()));
            } catch (IOException e) {
                if (bytes > 0) {
                    frames.finish(header);
                    exchange.send(frames, bytes, false);
                }
                throw e;
            }
            if (bytes > 0) {
                frames.finish(header);
            } else {
                frames.takeBack(header);
            }
        }

        private void read(int length) throws IOException {
            frames.ensure(length);
            int count = source.read(frames.array(), frames.length(), length);
            ended = count < 0 || source.ended();
            if (count > 0) {
                frames.advance(count);
                bytes += count;
            }
        }

        private boolean grow() {
            int larger = Math.min(Limits.MAX_DATA, 4 * most);
            if (larger == most || !exchange.inbox().chargeGrowth(larger - most)) {
                return false;
            }
            most = larger;
            return true;
        }
    }

    /**
     * Adds RESPONSE.
     *
     * @param frames it is added to
     * @throws HttpException when it is over {@link Limits#MAX_RESPONSE_HEAD}; nothing was added
     */
    public static void head(FrameBuffer frames, int id, ResponseHead head) throws HttpException {
        int length = Heads.length(head);
        if (length > Limits.MAX_RESPONSE_HEAD) {
            throw new HttpException(BAD_GATEWAY, "a response head of " + length + " bytes, over " + Limits.MAX_RESPONSE_HEAD);
        }
        int header = frames.begin(id, FrameType.RESPONSE);
        frames.ensure(length);
        frames.advance(Heads.write(head, frames.array(), frames.length()));
        frames.finish(header);
    }

    /** Adds END, with the trailers if there are any. */
    private static void end(FrameBuffer frames, Exchange exchange, Fields trailers) throws HttpException {
        int length = trailers.size() == 0 ? 0 : Heads.length(trailers);
        if (length > Limits.MAX_TRAILERS) {
            throw new HttpException(exchange.answers() ? BAD_GATEWAY : FIELDS_TOO_LARGE, "trailers of " + length + " bytes, over the limit of " + Limits.MAX_TRAILERS);
        }
        int header = frames.begin(exchange.id(), FrameType.END);
        if (length > 0) {
            frames.ensure(length);
            frames.advance(Heads.write(trailers, frames.array(), frames.length()));
            frames.finish(header);
        }
    }
}
