package tunnelforge.server.admin;

import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import tunnelforge.net.Ledger;
import tunnelforge.net.Tasks;
import tunnelforge.net.Ticker;
import tunnelforge.server.access.Figures;
import tunnelforge.server.access.TurnedAway;
import tunnelforge.server.edge.Callers;
import tunnelforge.server.tunnel.TunnelDirectory;
import tunnelforge.server.tunnel.Unanswered;

/**
 * What a server shows whoever runs it.
 *
 * @param remove ends the tunnel of an id; false when there is none
 * @param requests of all tunnels that have no answer yet
 * @param maxConnections of visitors and agents
 * @param turnedAway connections that came to nothing, by who they were
 * @param memory the ledger's parts, by name
 * @param ready whether visitors and agents are let in
 */
public record Observed(TunnelDirectory directory, Predicate<String> remove, Figures figures, Unanswered requests, Callers callers, int maxConnections,
        Map<String, TurnedAway> turnedAway, Map<String, Ledger> memory, Tasks tasks, Ticker ticker, BooleanSupplier ready) {
}
