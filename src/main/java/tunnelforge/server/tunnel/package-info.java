/** Tunnels and what belongs to one: its agent's control connection, its pool of data connections, its name or port. */
package tunnelforge.server.tunnel;
