/**
 * The port of whoever runs the server: metrics, health, which tunnels there are, and a page that shows all of it. It looks on, and ends a tunnel where it is told to; nothing else needs it.
 */
package tunnelforge.server.admin;
