package tunnelforge.agent.tunnel;

import tunnelforge.wire.ServerMessage;
import tunnelforge.wire.TunnelError;

/** What a person can do when the server says no, or is not trusted. */
public final class NextStep {
    private NextStep() {
    }

    /** After a refusal. */
    public static String after(ServerMessage.Error refusal) {
        TunnelError error = TunnelError.of(refusal.name());
        if (error == TunnelError.AUTH) {
            return "where the server has accounts, ask whoever runs it; where it has none, the line that 'token show' prints on its machine has the right token";
        }
        if (error == TunnelError.NAME_TAKEN || error == TunnelError.NAME_INVALID) {
            return "ask for another name with --subdomain or --hostname" + (error == TunnelError.NAME_TAKEN ? ", or end the agent that has this one" : "");
        }
        if (error == TunnelError.PORT_TAKEN) {
            return "ask for another port with --remote-port, or for any by leaving it out";
        }
        if (error == TunnelError.PROTOCOL || error == TunnelError.VERSION) {
            return "server and agent are of different versions: run the same on both sides";
        }
        return refusal.retry() ? "try again later" : "ask whoever runs the server";
    }

    /** When one end does not trust the other. */
    public static String after(Trouble trouble, ServerAccess server) {
        if (!trouble.isCertificate()) {
            return untrusted(server);
        }
        return server.files().certificate() == null ? "give --cert FILE and --key FILE: a certificate from the CA of the server's --client-ca"
                : "ask whoever runs the server for a certificate from the CA of its --client-ca, valid now and for clients (clientAuth)";
    }

    /** When the server's certificate is not what it must be. */
    public static String untrusted(ServerAccess server) {
        return untrustedItself(server) + (server.proxy() == null ? "" : "; or the proxy " + server.proxy() + " opens TLS: whoever runs it can have it pass this server's on as it is");
    }

    private static String untrustedItself(ServerAccess server) {
        if (!server.pins().isEmpty()) {
            return "'token show' on the server's machine prints the line with the --pin of its key; if that is the one that was given, somebody else answers here";
        }
        if (server.files().ca() != null) {
            return "if the server was set up anew, start again with its new ca.pem, or with the --pin in the line that 'token show' prints on its machine;"
                    + " --server-name says which name the certificate must be for";
        }
        return "the line that 'token show' prints on the server's machine says with --pin what to trust; or give --ca FILE, and --server-name where the name differs";
    }
}
