package tunnelforge.server.edge;

import java.util.concurrent.ThreadLocalRandom;
import tunnelforge.http.Fields;
import tunnelforge.server.access.Refusal;
import tunnelforge.wire.TunnelError;

/**
 * Counts how often a request has passed this server, by CDN-Loop (RFC 8586): a tunnel whose local service is the tunnel itself, or leads back to it, would send each
 * request round until nothing is left to serve it with. The field is made for this: others leave it alone, also agents and the services between.
 */
final class Passages {
    static final String FIELD = "CDN-Loop";

    /** Some lead a request back on purpose, through another tunnel or two. */
    static final int MOST = 8;

    /** Names this server among all, until it ends. */
    private final String name = "tunnelforge-" + Integer.toHexString(ThreadLocalRandom.current().nextInt() | 0x8000_0000);

    /** Adds one. Throws {@link Refusal} when there have been too many. */
    void add(Fields fields) throws Refusal {
        int line = -1;
        int passed = 0;
        for (int i = 0; i < fields.size(); i++) {
            if (fields.name(i).equalsIgnoreCase(FIELD)) {
                line = i;
                passed += count(fields.value(i));
            }
        }
        if (passed >= MOST) {
            throw Refusal.lasting(TunnelError.LOOP, "this request has passed this server " + passed + " times: the tunnel leads back to itself");
        }
        if (line < 0) {
            fields.add(FIELD, name);
        } else {
            fields.setValue(line, fields.value(line) + ", " + name);
        }
    }

    private int count(String list) {
        int count = 0;
        for (int at = list.indexOf(name); at >= 0; at = list.indexOf(name, at + name.length())) {
            count++;
        }
        return count;
    }
}
