package tunnelforge.server.access;

import java.util.concurrent.atomic.AtomicInteger;

/** What visitors of one address have of a server at this moment. Made by {@link Shares}. */
public final class VisitorShare {
    private final Network network;
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger exchanges = new AtomicInteger();
    private final AtomicInteger sessions = new AtomicInteger();
    private final AtomicInteger sessionConnections = new AtomicInteger();
    /** Those who hold it; by {@link Shares}. */
    int holders;

    VisitorShare(Network network) {
        this.network = network;
    }

    /** The address that connects: of a load balancer that is believed, not of those for whom it asks. */
    public Network network() {
        return network;
    }

    public AtomicInteger connections() {
        return connections;
    }

    /** Requests that have a place in a tunnel, in all tunnels. */
    public AtomicInteger exchanges() {
        return exchanges;
    }

    /** Of TCP and TLS, and those that began with a 101. */
    public AtomicInteger sessions() {
        return sessions;
    }

    /** Connections that are a session. */
    public AtomicInteger sessionConnections() {
        return sessionConnections;
    }
}
