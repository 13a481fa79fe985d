/**
 * The server's policy: the entrance of agents, the registry of tunnels, pools of data connections, and the HTTP edge for visitors.
 * It never imports {@code tunnelforge.agent}.
 */
package tunnelforge.server;
