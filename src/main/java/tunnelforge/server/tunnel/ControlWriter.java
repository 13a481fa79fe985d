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

    private sealed interface Outgoing {
        record Text(String json) implements Outgoing { }

        record Ping() implements Outgoing { }

        /** Payload as received. */
        final class Pong implements Outgoing {
            private final byte[] payload;

            Pong(byte[] payload) {
                this.payload = payload;
            }
        }

        /** The last one. */
        record Close(int code, String reason) implements Outgoing { }
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
        return add(new Outgoing.Text(json));
    }

    void ping() {
        add(new Outgoing.Ping());
    }

    void pong(byte[] payload) {
        add(new Outgoing.Pong(payload));
    }

    /** Nothing is sent after it. */
    void close(int code, String reason) {
        add(new Outgoing.Close(code, reason));
    }

    private boolean add(Outgoing message) {
        int bytes = bytes(message);
        if (queuedBytes.addAndGet(bytes) <= MAX_QUEUED_BYTES && queue.offer(message)) {
            return true;
        }
        queuedBytes.addAndGet(-bytes);
        connection.kill();
        return false;
    }

    private static int bytes(Outgoing message) {
        return switch (message) {
            case Outgoing.Text(String json) -> json.length();
            case Outgoing.Ping ping -> 0;
            case Outgoing.Pong pong -> pong.payload.length;
            case Outgoing.Close(int code, String reason) -> reason.length();
        };
    }

    /** Sends what is queued until that is a close, or the connection is lost. */
    void run() {
        try {
            Outgoing message;
            do {
                message = queue.take();
                queuedBytes.addAndGet(-bytes(message));
                switch (message) {
                    case Outgoing.Text(String json) -> writer.text(json);
                    case Outgoing.Ping ping -> writer.ping(NOTHING);
                    case Outgoing.Pong pong -> writer.pong(pong.payload);
                    case Outgoing.Close(int code, String reason) -> writer.close(code, reason);
                }
            } while (!(message instanceof Outgoing.Close));
        } catch (IOException e) {
            connection.kill();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
