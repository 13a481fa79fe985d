package tunnelforge.agent;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import tunnelforge.http.Framing;
import tunnelforge.http.HttpWriter;
import tunnelforge.mux.Exchange;

/**
 * The task that carries a request's body to the local service while another one waits for the response. It ends with the body, with the
 * exchange, or when the local connection is killed.
 */
final class LocalRequestBody implements Runnable {
    private final Exchange exchange;
    private final LocalConnection local;
    private final Framing framing;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean sent;

    LocalRequestBody(Exchange exchange, LocalConnection local, Framing framing) {
        this.exchange = exchange;
        this.local = local;
        this.framing = framing;
    }

    @Override
    public void run() {
        HttpWriter writer = local.writer();
        try {
            int count;
            while ((count = exchange.awaitData()) > 0) {
                writer.body(exchange.data(), exchange.dataOffset(), count);
                exchange.taken(count);
                if (!exchange.dataReady()) {
                    writer.flush();
                }
            }
            writer.endBody(framing instanceof Framing.Chunked ? exchange.trailers() : null);
            writer.flush();
            sent = true;
        } catch (IOException e) {
            // Either the exchange is over, or the local service reads no further: its response says why.
        } finally {
            ended.countDown();
        }
    }

    /** Whether the local service was given the whole body. */
    boolean sent() {
        return sent;
    }

    void await() {
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
