package tunnelforge.agent.tunnel;

import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import tunnelforge.net.KeyEntry;
import tunnelforge.net.Pem;

/**
 * The files, all PEM, in which an agent's trust is and what proves who it is. {@link ServerLink} says when they are read again.
 *
 * @param ca the CAs that the server may come from; null for the JDK's
 * @param certificate the agent's own, for a server that asks for one; null for none
 * @param key of that certificate; null for none
 */
public record TrustFiles(Path ca, Path certificate, Path key) {
    /** None. */
    public static final TrustFiles NONE = new TrustFiles(null, null, null);

    /** Refuses a certificate without its key. */
    public TrustFiles {
        if ((certificate == null) != (key == null)) {
            throw new IllegalArgumentException("a certificate needs its key");
        }
    }

    /**
     * What is in the files.
     *
     * @param ca null for the JDK's CAs
     * @param own null for none
     */
    public record Loaded(List<X509Certificate> ca, KeyEntry own) {
    }

    /**
     * Reads them now.
     *
     * @throws IOException saying which file is wrong, and how
     */
    public Loaded load() throws IOException {
        return new Loaded(ca == null ? null : Pem.certificates(ca), certificate == null ? null : KeyEntry.load(certificate, key));
    }
}
