package tunnelforge.agent.local;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import tunnelforge.http.Framing;
import tunnelforge.http.HttpWriter;
import tunnelforge.mux.Exchange;

/**
 * The task that carries a request's body to the local service while another one waits for the response. It ends with the body, with the
 * exchange, or when the local connection is killed.
 */
final class LocalRequestBody implements Runnable {
    /** For the local service to take the next piece. */
    static final Duration STALL_LIMIT = Duration.ofMinutes(10);

    /** After the response: a task that takes longer is held up by a local service that does not read. */
    private static final long SETTLES_WITHIN_MILLIS = 100;

    private final Exchange exchange;
    private final LocalConnection local;
    private final Framing framing;
    private final Runnable onSent;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean sent;

    /**
     * @param onSent called by this task when the local service has been given the whole body
     */
    LocalRequestBody(Exchange exchange, LocalConnection local, Framing framing, Runnable onSent) {
        this.exchange = exchange;
        this.local = local;
        this.framing = framing;
        this.onSent = onSent;
    }

    @Override
    public void run() {
        HttpWriter writer = local.writer();
        try {
            int count;
            while ((count = exchange.awaitData()) > 0) {
                local.connection().sendDeadline(STALL_LIMIT);
                writer.body(exchange.data(), exchange.dataOffset(), count);
                exchange.taken(count);
                if (!exchange.dataReady()) {
                    writer.flush();
                    local.connection().noSendDeadline();
                }
            }
            local.connection().sendDeadline(STALL_LIMIT);
            writer.endBody(framing instanceof Framing.Chunked ? exchange.trailers() : null);
            writer.flush();
            local.connection().noSendDeadline();
            onSent.run();
            sent = true;
        } catch (IOException e) {
            // Either the exchange is over, or the local service reads no further: its response says why.
        } finally {
            ended.countDown();
        }
    }

    /** Whether the local service was given the whole body, and may so be used again; its answer may have been faster than this task. */
    boolean sent() {
        try {
            return ended.await(SETTLES_WITHIN_MILLIS, TimeUnit.MILLISECONDS) && sent;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    void await() {
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
