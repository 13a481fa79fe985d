package tunnelforge.server.edge;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import tunnelforge.http.HttpReader;
import tunnelforge.mux.Exchange;
import tunnelforge.mux.Outflow;
import tunnelforge.mux.ResetException;
import tunnelforge.net.Connection;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ResetCode;

/**
 * The task that carries a request's body from the visitor to the agent while another one already waits for the response. When the
 * response is complete first, what is left of the body is read and dropped, up to a limit, so that the visitor's connection can be
 * used again.
 */
final class RequestBody implements Runnable {
    private static final int PIECE = 32 * 1024;
    private static final int FRAME = Limits.FRAME_HEADER;
    private static final int DROPPED_AT_MOST = 1024 * 1024;

    private final Http1Connection visitor;
    private final Exchange exchange;
    private final byte[] first;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean complete;
    private volatile IOException broken;

    /**
     * @param first bytes of the body that were read already
     */
    RequestBody(Http1Connection visitor, Exchange exchange, byte[] first) {
        this.visitor = visitor;
        this.exchange = exchange;
        this.first = first;
    }

    @Override
    public void run() {
        visitor.inputLock().lock();
        try {
            send();
        } catch (ResetException e) {
            drop();
        } catch (IOException e) {
            broken = e;
            exchange.reset(ResetCode.CANCELLED, "the visitor's request broke off: " + e.getMessage());
        } finally {
            visitor.inputLock().unlock();
            ended.countDown();
        }
    }

    private void send() throws IOException {
        HttpReader reader = visitor.reader();
        FrameBuffer frames = new FrameBuffer(2 * FRAME + PIECE);
        for (int sent = 0; sent < first.length;) {
            int credit = exchange.awaitCredit();
            if (credit == 0) {
                drop();
                return;
            }
            int count = Math.min(credit, first.length - sent);
            frames.clear();
            frames.data(exchange.id(), first, sent, count);
            exchange.send(frames, count, false);
            sent += count;
        }
        while (!complete) {
            int credit = exchange.awaitCredit();
            if (credit == 0) {
                drop();
                return;
            }
            sendPiece(reader, frames, Math.min(credit, PIECE));
        }
    }

    private void sendPiece(HttpReader reader, FrameBuffer frames, int atMost) throws IOException {
        Connection connection = visitor.connection();
        frames.clear();
        int header = frames.begin(exchange.id(), FrameType.DATA);
        frames.ensure(atMost);
        connection.deadline(Http1Connection.STALL_LIMIT);
        int count = reader.readBody(frames.array(), frames.length(), atMost);
        connection.noDeadline();
        if (count < 0) {
            frames.clear();
        } else {
            frames.advance(count);
            frames.finish(header);
        }
        boolean end = reader.bodyEnded();
        if (end) {
            Outflow.end(frames, exchange.id(), ForwardedHeads.trailers(reader.trailers()), 431);
        }
        complete = end;
        exchange.send(frames, Math.max(0, count), end);
    }

    private void drop() {
        byte[] dropped = new byte[8 * 1024];
        try {
            int count = 0;
            for (int sum = 0; sum < DROPPED_AT_MOST && count >= 0; sum += count) {
                count = visitor.reader().readBody(dropped, 0, dropped.length);
            }
            complete = count < 0;
        } catch (IOException e) {
            broken = e;
        }
    }

    /** Waits for the task; it ends when the body does, or when the connection's deadline kills it. */
    void await() {
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether the whole body has been read, so that the visitor's next request comes next. */
    boolean complete() {
        return complete;
    }

    /** Why the visitor's body could not be read; null when it could. */
    IOException broken() {
        return broken;
    }
}
