/**
 * The only users of sockets: connections with TLS layered over them, listeners, deadlines, tasks, name look-ups
 * and the ClientHello. It imports {@code java.base} and {@code tunnelforge.log}; it knows neither HTTP nor frames.
 */
package tunnelforge.net;
