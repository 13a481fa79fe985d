package tunnelforge.agent.tunnel;

import java.io.IOException;
import java.net.http.WebSocketHandshakeException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLException;
import tunnelforge.cli.HostPort;
import tunnelforge.wire.ServerMessage;

/**
 * Why a tunnel is not open.
 *
 * @param event its name in the log
 * @param message what is wrong
 * @param reason of what kind, in the words of whoever found out
 */
public record Trouble(String event, String message, String reason) {
    private static final String UNTRUSTED = "server_untrusted";

    /** There was no connection to the server, or it broke. */
    public static Trouble of(HostPort server, IOException e) {
        CertificateException untrusted = find(CertificateException.class, e);
        if (untrusted != null) {
            return new Trouble(UNTRUSTED, "the server " + server + " is not trusted", untrusted.getMessage());
        }
        WebSocketHandshakeException answered = find(WebSocketHandshakeException.class, e);
        if (answered != null) {
            return new Trouble("server_unsuitable", "what answers at " + server + " is no TunnelForge server, or stands in front of one",
                    "HTTP status " + answered.getResponse().statusCode());
        }
        SSLException tls = find(SSLException.class, e);
        if (tls != null) {
            String reason = String.valueOf(tls.getMessage());
            return new Trouble("server_unsuitable", "no TLS can be agreed on with what answers at " + server,
                    reason.contains("protocol_version") ? "it does not speak TLS 1.3, so it is no TunnelForge server" : reason);
        }
        return new Trouble("server_unreachable", "the server " + server + " cannot be reached", reason(e));
    }

    /** The server says no, but not for good. */
    public static Trouble of(HostPort server, ServerMessage.Error refusal) {
        return new Trouble("server_refused", "the server " + server + " does not take the tunnel now", refusal.message() + " (" + refusal.name() + ")");
    }

    /** An open tunnel has lost its control connection. */
    public static Trouble lost(String reason) {
        return new Trouble("control_lost", "the connection to the server has ended", reason);
    }

    /** Whether the server is not what was to be trusted: that is nothing that passes. */
    public boolean isTrust() {
        return event.equals(UNTRUSTED);
    }

    /** What went wrong, for a person. */
    public static String reason(Throwable e) {
        if (find(UnresolvedAddressException.class, e) != null) {
            return "no address is known for this name";
        }
        Throwable deepest = e;
        while (deepest.getCause() != null && deepest.getMessage() == null) {
            deepest = deepest.getCause();
        }
        String message = deepest.getMessage();
        return message == null ? "nothing accepts connections there" : message;
    }

    /** The first of its kind among what caused it; null when there is none. */
    public static <T extends Throwable> T find(Class<T> kind, Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (kind.isInstance(cause)) {
                return kind.cast(cause);
            }
        }
        return null;
    }
}
