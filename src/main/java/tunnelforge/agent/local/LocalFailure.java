package tunnelforge.agent.local;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.security.cert.CertificateException;
import tunnelforge.agent.tunnel.Trouble;
import tunnelforge.net.Descriptors;
import tunnelforge.wire.ResetCode;

/** What went wrong with the local service: for the server, and in {@code reason} for a person. */
record LocalFailure(ResetCode code, String reason) {
    /** There is no connection to {@code target}. */
    static LocalFailure toConnect(Target target, IOException e) {
        if (e instanceof Descriptors.Exhausted) {
            return new LocalFailure(ResetCode.OVERLOADED, "the agent has as many connections and files open as its system lets it have");
        }
        return e instanceof SocketTimeoutException
                ? new LocalFailure(ResetCode.UPSTREAM_TIMEOUT, "nothing answered at " + target + " within " + LocalService.CONNECT_LIMIT.toSeconds() + " s")
                : new LocalFailure(ResetCode.UPSTREAM_REFUSED, "the agent could not connect to " + target);
    }

    /** What lies behind it, for the log. */
    static String why(IOException e) {
        CertificateException untrusted = Trouble.find(CertificateException.class, e);
        if (untrusted != null) {
            return untrusted.getMessage() + "; --upstream-insecure accepts any";
        }
        return e.getMessage() == null ? "end of stream" : e.getMessage();
    }
}
