/** The access log: a line for each request of a visitor. */
package tunnelforge.server.accesslog;
