/**
 * The server's policy: the entrance of agents, the directory of tunnels, their pools of data connections, and the HTTP edge for visitors.
 * It never imports {@code tunnelforge.agent}.
 */
package tunnelforge.server;
