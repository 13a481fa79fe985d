package tunnelforge.server.edge;

import java.io.IOException;
import java.net.InetAddress;
import tunnelforge.net.ClientHello;
import tunnelforge.net.ClientHelloException;
import tunnelforge.net.Connection;
import tunnelforge.net.NotTlsException;
import tunnelforge.server.access.Figures;
import tunnelforge.server.tls.Certificates;
import tunnelforge.server.access.Refusal;
import tunnelforge.server.tunnel.Tunnel;
import tunnelforge.wire.TunnelError;

/** A connection to the TLS port, on its own task: its ClientHello decides whether it is decrypted here, and what it can reach. */
public final class TlsFront {
    private final Caller caller;
    private final Connection connection;
    private final Edge edge;

    public TlsFront(Caller caller, Edge edge) {
        this.caller = caller;
        this.connection = caller.connection();
        this.edge = edge;
    }

    /** Serves the connection until it ends. */
    public void run() {
        Runnable served;
        try (Connection.Total limit = connection.within(VisitorLimits.HANDSHAKE)) {
            served = begin();
        }
        if (served == null) {
            connection.close();
        } else {
            served.run();
        }
    }

    /** What becomes of the connection; null for nothing. What was read for this is not kept meanwhile. */
    private Runnable begin() {
        ClientHello hello = readHello();
        if (hello == null) {
            return null;
        }
        String sni = hello.serverName();
        Tunnel undecrypted = edge.router().undecrypted(sni);
        if (undecrypted != null) {
            return relay(undecrypted, sni, hello.bytes());
        }
        letAgentGoFirst(edge.router().named(sni));
        return startTls(hello) ? () -> new Http1Connection(caller, true, sni, edge).run() : null;
    }

    /** Null when there is none, and the peer has been told so. */
    private ClientHello readHello() {
        try {
            return ClientHello.read(connection.in(), ClientHello.DEFAULT_LIMIT_BYTES);
        } catch (NotTlsException e) {
            edge.turnedAway().tell("not_tls", "what came to the TLS port was no TLS", peer());
            if (e.maybeHttp()) {
                explain();
            }
        } catch (ClientHelloException e) {
            edge.figures().handshakes().add(Figures.Handshake.FAILED);
            edge.turnedAway().tell("client_hello_refused", e.getMessage(), peer());
            alert(e.alert());
        } catch (IOException e) {
            failed(e);
        }
        return null;
    }

    private void explain() {
        try {
            Http1Connection.answerUnread(connection, edge.figures(), edge.served(), Page.error(TunnelError.BAD_REQUEST, "This port speaks HTTPS. Write https:// in front of the address."));
            connection.linger(VisitorLimits.DROP_SILENCE, VisitorLimits.DROP);
        } catch (IOException e) {
            // It has gone.
        }
    }

    private void alert(int description) {
        try {
            connection.out().write(ClientHello.alert(description));
        } catch (IOException e) {
            // It has gone.
        }
    }

    /** A server that has just been started has more handshakes before it than it can do at once, and until its agent is back the visitor cannot be served. */
    private void letAgentGoFirst(Tunnel asked) {
        if (asked != null && asked.outlivesItsServer()) {
            try {
                asked.awaitFirst(VisitorLimits.AGENT_GOES_FIRST, connection.gone());
            } catch (Refusal e) {
                // It is told when it has asked for something.
            }
        }
    }

    private boolean startTls(ClientHello hello) {
        try {
            Certificates certificates = edge.certificates();
            boolean agents = edge.router().reachesEntrance(hello.serverName());
            connection.startTlsServer(agents ? certificates.agents() : certificates.visitors(), hello, agents && certificates.asksAgents());
            edge.figures().handshakes().add(Figures.Handshake.OK);
            return true;
        } catch (IOException e) {
            failed(e);
            return false;
        }
    }

    private void failed(IOException e) {
        edge.figures().handshakes().add(Figures.Handshake.FAILED);
        edge.turnedAway().tell("handshake_failed", connection.late() ? "no TLS handshake within " + VisitorLimits.HANDSHAKE.toSeconds() + " s"
                : "a TLS handshake failed", peer(), "error", handshakeError(e));
    }

    private static String handshakeError(IOException e) {
        Throwable deepest = e;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        String message = String.valueOf(deepest.getMessage());
        // The alerts by which clients say so (RFC 8446 section 6.2).
        return message.contains("unknown_ca") || message.contains("certificate_unknown") || message.contains("bad_certificate")
                ? "the visitor does not trust the certificate" : message;
    }

    private Runnable relay(Tunnel tunnel, String sni, byte[] first) {
        if (tunnel.isAway()) {
            alert(ClientHello.ALERT_UNRECOGNIZED_NAME);
            return null;
        }
        return () -> {
            try {
                edge.sessions().serve(tunnel, caller, sni, first);
            } finally {
                // What has not ended well must not look as if it had.
                connection.kill();
            }
        };
    }

    private InetAddress peer() {
        return connection.peer().getAddress();
    }
}
