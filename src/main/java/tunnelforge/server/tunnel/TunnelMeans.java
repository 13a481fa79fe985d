package tunnelforge.server.tunnel;

import java.security.SecureRandom;
import tunnelforge.net.Clock;
import tunnelforge.net.Ledger;

/**
 * What tunnels are made of.
 *
 * @param connections the memory for data connections and sessions
 * @param exchanges the memory for exchanges, of which each tunnel gets a part
 * @param unanswered the visits of all tunnels
 */
public record TunnelMeans(Ledger connections, Ledger exchanges, Unanswered unanswered, SecureRandom random, Clock clock) {
}
