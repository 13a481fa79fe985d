/** Certificates: loaded ones, the server's own CA, reloading. */
package tunnelforge.server.tls;
