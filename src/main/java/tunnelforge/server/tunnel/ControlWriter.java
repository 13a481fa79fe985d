package tunnelforge.server.tunnel;

import java.io.IOException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import tunnelforge.net.Connection;
import tunnelforge.websocket.WebSocketWriter;

/**
 * What a control connection says. Any task adds to its queue, and none waits for the agent: only the task that runs {@link #run} does. An agent that lets too much pile up has
 * stopped reading, and loses the connection.
 */
final class ControlWriter {
    private static final int MAX_QUEUED = 1_024;
    private static final int MAX_QUEUED_BYTES = 256 * 1024;
    private static final byte[] NOTHING = {};

    private interface Sending {
        void to(WebSocketWriter writer) throws IOException;
    }

    /** {@code last}: nothing is sent after it. */
    private record Outgoing(int bytes, boolean last, Sending sending) {
    }

    private final Connection connection;
    private final WebSocketWriter writer;
    private final LinkedBlockingQueue<Outgoing> queue = new LinkedBlockingQueue<>(MAX_QUEUED);
    private final AtomicInteger queuedBytes = new AtomicInteger();

    ControlWriter(Connection connection) {
        this.connection = connection;
        this.writer = new WebSocketWriter(connection.out());
    }

    /** False when the connection is lost. */
    boolean text(String json) {
        return add(json.length(), false, to -> to.text(json));
    }

    void ping() {
        add(0, false, to -> to.ping(NOTHING));
    }

    /** {@code payload} as received. */
    void pong(byte[] payload) {
        add(payload.length, false, to -> to.pong(payload));
    }

    /** Nothing is sent after it. */
    void close(int code, String reason) {
        add(reason.length(), true, to -> to.close(code, reason));
    }

    private boolean add(int bytes, boolean last, Sending sending) {
        if (queuedBytes.addAndGet(bytes) <= MAX_QUEUED_BYTES && queue.offer(new Outgoing(bytes, last, sending))) {
            return true;
        }
        queuedBytes.addAndGet(-bytes);
        connection.kill();
        return false;
    }

    /** Sends what is queued until that is a close, or the connection is lost. */
    void run() {
        try {
            Outgoing message;
            do {
                message = queue.take();
                queuedBytes.addAndGet(-message.bytes);
                message.sending.to(writer);
            } while (!message.last);
        } catch (IOException e) {
            connection.kill();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
