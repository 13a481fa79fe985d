package tunnelforge.agent.local;

import java.io.IOException;
import java.security.cert.CertificateException;

/** What went wrong with the local service, for a person. */
final class LocalFailure {
    private LocalFailure() {
    }

    static String why(IOException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException) {
                return cause.getMessage() + "; --upstream-insecure accepts any";
            }
        }
        return e.getMessage() == null ? "end of stream" : e.getMessage();
    }
}
