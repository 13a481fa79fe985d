/** One tunnel of an agent: control connection, data connections, and the seam behind which requests are answered. */
package tunnelforge.agent.tunnel;
