package tunnelforge.agent.local;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.security.cert.CertificateException;
import tunnelforge.wire.ResetCode;

/** What went wrong with the local service: for the server, and in {@code reason} for a person. */
record LocalFailure(ResetCode code, String reason) {
    /** There is no connection to {@code target}. */
    static LocalFailure toConnect(Target target, IOException e) {
        return e instanceof SocketTimeoutException
                ? new LocalFailure(ResetCode.UPSTREAM_TIMEOUT, "nothing answered at " + target + " within " + LocalService.CONNECT_LIMIT.toSeconds() + " s")
                : new LocalFailure(ResetCode.UPSTREAM_REFUSED, "the agent could not connect to " + target);
    }

    /** What lies behind it, for the log. */
    static String why(IOException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException) {
                return cause.getMessage() + "; --upstream-insecure accepts any";
            }
        }
        return e.getMessage() == null ? "end of stream" : e.getMessage();
    }
}
