/** The agent's policy: the control loop, data connections, and the local service. It never imports {@code tunnelforge.server}. */
package tunnelforge.agent;
