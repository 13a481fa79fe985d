package tunnelforge.server.tls;

import java.nio.file.Path;

/**
 * A certificate to load.
 *
 * @param chain PEM, leaf first
 * @param key PEM
 */
public record CertificateFiles(Path chain, Path key) {
}
