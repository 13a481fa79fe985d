package tunnelforge.agent.tunnel;

import java.io.IOException;
import java.net.SocketException;
import java.security.cert.CertificateException;
import java.util.List;
import javax.net.ssl.SSLException;
import tunnelforge.agent.proxy.ProxyException;
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
    private static final String PROXY = "proxy_failed";
    private static final String UNTRUSTED = "server_untrusted";
    private static final String NO_DATA = "data_silent";
    private static final String CERTIFICATE = "certificate_refused";
    /** How TLS says that a client's certificate will not do, where something in front of the server judges it (RFC 8446 section 6.2). */
    private static final List<String> CERTIFICATE_ALERTS = List.of("certificate_required", "bad_certificate", "unsupported_certificate", "certificate_revoked",
            "certificate_expired", "certificate_unknown", "unknown_ca", "access_denied");

    /** There was no connection to the server, or it broke. */
    public static Trouble of(HostPort server, IOException e) {
        ProxyException proxy = find(ProxyException.class, e);
        if (proxy != null) {
            return new Trouble(PROXY, "the proxy " + proxy.proxy() + " does not lead to the server " + server + " (" + proxy.next() + ")", proxy.getMessage());
        }
        CertificateException untrusted = find(CertificateException.class, e);
        if (untrusted != null) {
            return new Trouble(UNTRUSTED, "the server " + server + " is not trusted", untrusted.getMessage());
        }
        ServerAnswered answered = find(ServerAnswered.class, e);
        if (answered != null && answered.refusesCertificate()) {
            return refusedCertificate(server, answered.explanation());
        }
        if (answered != null) {
            return new Trouble("server_unsuitable", "what answers at " + server + " is no TunnelForge server, or stands in front of one", answered.getMessage());
        }
        SSLException tls = find(SSLException.class, e);
        // A connection that broke says nothing of what is spoken there.
        SocketException broken = find(SocketException.class, e);
        if (tls != null && broken == null) {
            String reason = String.valueOf(tls.getMessage());
            if (reason.contains("Received fatal alert") && CERTIFICATE_ALERTS.stream().anyMatch(reason::contains)) {
                return refusedCertificate(server, reason);
            }
            return new Trouble("server_unsuitable", "no TLS can be agreed on with what answers at " + server,
                    reason.contains("protocol_version") ? "it does not speak TLS 1.3, so it is no TunnelForge server" : reason);
        }
        return new Trouble("server_unreachable", "the server " + server + " cannot be reached", reason(broken == null ? e : broken));
    }

    private static Trouble refusedCertificate(HostPort server, String reason) {
        return new Trouble(CERTIFICATE, "the server " + server + " does not accept who this agent is", reason);
    }

    /** The server says no, but not for good. */
    public static Trouble of(HostPort server, ServerMessage.Error refusal) {
        return new Trouble("server_refused", "the server " + server + " does not take the tunnel now", refusal.message() + " (" + refusal.name() + ")");
    }

    /** An open tunnel has lost its control connection. */
    public static Trouble lost(String reason) {
        return new Trouble("control_lost", "the connection to the server has ended", reason);
    }

    /** The tunnel is registered, and all the same nobody can be served; {@code reason}: why the last data connection came to nothing, or null. */
    public static Trouble withoutData(String reason) {
        return new Trouble(NO_DATA, "the tunnel is registered, but no data connection works: visitors wait in vain", reason == null ? "nothing comes on them" : reason);
    }

    /** Whether the server can be reached by a control connection. */
    boolean isDataAlone() {
        return event.equals(NO_DATA);
    }

    /** Whether one end does not trust the other: that is nothing that passes. */
    public boolean isTrust() {
        return event.equals(UNTRUSTED) || isCertificate();
    }

    /** Whether it is this end that is not trusted. */
    public boolean isCertificate() {
        return event.equals(CERTIFICATE);
    }

    /** What went wrong, for a person. */
    public static String reason(Throwable e) {
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
