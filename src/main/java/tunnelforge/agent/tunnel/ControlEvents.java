package tunnelforge.agent.tunnel;

import java.util.concurrent.LinkedBlockingQueue;
import tunnelforge.json.JsonException;
import tunnelforge.wire.ServerMessage;

/** What a control connection's reading task leaves to the control task, so that it never waits. The first of close, error and overflow is the last event. */
public final class ControlEvents {
    /** Messages that wait for the control task; a server that sends more at once floods us. */
    private static final int MAX_WAITING = 1_024;

    /** What the control task learns. */
    public sealed interface Event {
        /** A message, understood. */
        record Received(ServerMessage message) implements Event { }

        /** Nothing more will come. */
        record Ended(String reason) implements Event { }
    }

    private final LinkedBlockingQueue<Event> queue = new LinkedBlockingQueue<>(MAX_WAITING);

    LinkedBlockingQueue<Event> queue() {
        return queue;
    }

    /** False when that was the end: the text is no message, or one too many. */
    boolean received(String text) {
        try {
            if (queue.offer(new Event.Received(ServerMessage.parse(text)))) {
                return true;
            }
            end("the server sent more messages than can wait");
        } catch (JsonException e) {
            end("the server sent what cannot be understood: " + e.getMessage());
        }
        return false;
    }

    /** By the reading task, before it ends. What waits is dropped where the end would not fit behind it. */
    void end(String reason) {
        if (!queue.offer(new Event.Ended(reason))) {
            queue.clear();
            queue.add(new Event.Ended(reason));
        }
    }
}
