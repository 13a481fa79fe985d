package tunnelforge.server.edge;

import java.util.HashSet;
import java.util.Set;
import tunnelforge.net.Cancellation;
import tunnelforge.server.tunnel.Tunnel;
import tunnelforge.text.Ids;

/** A visitor's connection as agents know it: requests that come on it name it by an id, so that what was logged in for one of them serves the others, and nobody else. For one task. */
final class VisitorConnection {
    private final Cancellation ended;
    private final Set<Tunnel> toTell = new HashSet<>(1);
    private String id;

    /** {@code ended}: cancelled when the connection has ended. */
    VisitorConnection(Cancellation ended) {
        this.ended = ended;
    }

    String id() {
        if (id == null) {
            id = Ids.unique();
        }
        return id;
    }

    /** A login was begun through this tunnel: its agent is told when the connection has ended. */
    void loginBegins(Tunnel tunnel) {
        if (toTell.add(tunnel)) {
            String named = id();
            ended.onCancel(() -> tunnel.visitorHasLeft(named));
        }
    }
}
