/** Whoever connects: TLS, HTTP/1.1, sessions; finds out where a visitor wants to go and serves it through a tunnel. */
package tunnelforge.server.edge;
