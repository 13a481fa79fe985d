package tunnelforge.server.edge;

import java.util.List;

/** Is told of each request of a visitor, and of each session, when it is over. */
public interface ServedListener {
    /** By the task that has served it, which goes on when this returns: neither waits nor throws. */
    void served(Served served);

    /** All of these in turn; null for nobody, for whom nothing is noted. */
    static ServedListener all(List<ServedListener> listeners) {
        return switch (listeners.size()) {
            case 0 -> null;
            case 1 -> listeners.getFirst();
            default -> {
                ServedListener[] each = listeners.toArray(ServedListener[]::new);
                yield served -> {
                    for (ServedListener listener : each) {
                        listener.served(served);
                    }
                };
            }
        };
    }
}
