package tunnelforge.agent.doctor;

import tunnelforge.agent.tunnel.ServerAccess;
import tunnelforge.agent.tunnel.ServerLink;
import tunnelforge.net.Ledger;
import tunnelforge.net.Resolver;
import tunnelforge.net.Tasks;
import tunnelforge.net.Ticker;

/**
 * What an agent has to reach its server with.
 *
 * @param link judges the server as the agent does
 */
public record Means(ServerAccess server, ServerLink link, Resolver resolver, Ticker ticker, Tasks tasks, Ledger memory) {
}
