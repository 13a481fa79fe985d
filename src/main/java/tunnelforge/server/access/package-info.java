/** Who may open a tunnel, and who may visit one. */
package tunnelforge.server.access;
