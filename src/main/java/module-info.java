/**
 * TunnelForge: gives a local service a public address through a server of one's own.
 *
 * <p>Nothing is exported: both programs are started from the command line.
 */
module tunnelforge {
    // The server's admin port.
    requires jdk.httpserver;
    // Looked for by name: the options with which a system asks a silent peer whether it is there.
    requires jdk.net;
    requires jdk.jfr;
}
