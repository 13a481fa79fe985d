package tunnelforge.agent.tunnel;

import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import tunnelforge.json.JsonException;
import tunnelforge.net.Clock;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ServerMessage;

/**
 * What the JDK's WebSocket client calls: it assembles messages and leaves them to the control task, so that no callback ever waits. The first of
 * close, error and overflow is the last event.
 */
public final class ControlListener implements WebSocket.Listener {
    /** Messages that wait for the control task; a server that sends more at once floods us. */
    private static final int MAX_WAITING = 1_024;

    /** Stands for a close without a Close frame (RFC 6455 section 7.4.1). */
    private static final int ABNORMAL = 1006;

    /** What the control task learns. */
    public sealed interface Event {
        /** A message, understood. */
        record Received(ServerMessage message) implements Event { }

        /** Nothing more will come. */
        record Ended(String reason) implements Event { }
    }

    private final Clock clock;
    private final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>(MAX_WAITING);
    private final StringBuilder partial = new StringBuilder();
    private volatile long heard;
    private volatile boolean ended;

    ControlListener(Clock clock) {
        this.clock = clock;
        this.heard = clock.nanos();
    }

    LinkedBlockingQueue<Event> events() {
        return events;
    }

    /** When the server last said anything, a Ping included. */
    long heard() {
        return heard;
    }

    @Override
    public void onOpen(WebSocket socket) {
        heard(socket);
    }

    private CompletionStage<?> heard(WebSocket socket) {
        heard = clock.nanos();
        socket.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
        heard = clock.nanos();
        try {
            if (partial.length() + data.length() > Limits.CONTROL_MESSAGE) {
                end(socket, "the server sent a message of more than " + Limits.CONTROL_MESSAGE + " characters");
                return null;
            }
            partial.append(data);
            if (last) {
                String text = partial.toString();
                partial.setLength(0);
                receive(socket, text);
            }
        } finally {
            socket.request(1);
        }
        return null;
    }

    private void receive(WebSocket socket, String text) {
        try {
            if (!ended && !events.offer(new Event.Received(ServerMessage.parse(text)))) {
                end(socket, "the server sent more messages than can wait");
            }
        } catch (JsonException e) {
            end(socket, "the server sent what cannot be understood: " + e.getMessage());
        }
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
        return heard(socket);
    }

    @Override
    public CompletionStage<?> onPing(WebSocket socket, ByteBuffer message) {
        return heard(socket);
    }

    @Override
    public CompletionStage<?> onPong(WebSocket socket, ByteBuffer message) {
        return heard(socket);
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
        end(socket, !reason.isEmpty() ? reason : code == ABNORMAL ? "it broke off" : "closed by the server (" + code + ")");
        return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
        end(socket, error.getMessage() == null ? error.toString() : error.getMessage());
    }

    private void end(WebSocket socket, String reason) {
        if (!ended) {
            ended = true;
            if (!events.offer(new Event.Ended(reason))) {
                events.clear();
                events.add(new Event.Ended(reason));
            }
        }
        socket.abort();
    }
}
