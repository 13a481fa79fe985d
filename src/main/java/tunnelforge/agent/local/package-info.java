/** The local service: HTTP and sessions to it. */
package tunnelforge.agent.local;
