package tunnelforge.server.tunnel;

import java.security.SecureRandom;
import tunnelforge.net.Clock;
import tunnelforge.net.Ledger;
import tunnelforge.server.access.Figures;

/**
 * What tunnels are made of.
 *
 * @param connections the memory for data connections, and for sessions after a 101
 * @param sessions the part of it for tunnels that carry nothing but sessions
 * @param exchanges the memory for exchanges, of which each tunnel gets a part
 * @param unanswered the visits of all tunnels
 * @param figures count what becomes of them
 */
public record TunnelMeans(Ledger connections, Ledger sessions, Ledger exchanges, Unanswered unanswered, Figures figures, SecureRandom random, Clock clock) {
}
