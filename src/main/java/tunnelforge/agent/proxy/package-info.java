/** The proxy through which an agent goes out to its server. */
package tunnelforge.agent.proxy;
