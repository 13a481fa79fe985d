package tunnelforge.server.tls;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tunnelforge.net.KeyEntry;

/**
 * What {@link OwnCa} keeps in its PKCS12 file, as of one moment.
 *
 * @param server the entry for the domain
 * @param hosts the entries for custom hostnames, as far as they were asked for
 * @param hostCount how many hostnames have an entry, asked for or not
 */
record OwnKeys(X509Certificate ca, KeyEntry server, Map<String, KeyEntry> hosts, int hostCount) {
    static final String CA = "ca";
    static final String SERVER = "server";

    private static final String HOST_PREFIX = "host:";
    private static final String TYPE = "PKCS12";
    private static final char[] PASSWORD = KeyTool.PASSWORD.toCharArray();

    static String hostAlias(String hostname) {
        return HOST_PREFIX + hostname;
    }

    static OwnKeys load(Path file, Set<String> hostnames) throws IOException {
        try {
            KeyStore store = open(file);
            X509Certificate ca = (X509Certificate) store.getCertificate(CA);
            KeyEntry server = entry(store, SERVER, ca);
            if (server == null) {
                throw new IOException("it holds no CA or no server certificate");
            }
            Map<String, KeyEntry> hosts = new LinkedHashMap<>();
            int count = 0;
            for (String alias : Collections.list(store.aliases())) {
                if (alias.startsWith(HOST_PREFIX)) {
                    count++;
                    String hostname = alias.substring(HOST_PREFIX.length());
                    KeyEntry host = hostnames.contains(hostname) ? entry(store, alias, ca) : null;
                    if (host != null) {
                        hosts.put(hostname, host);
                    }
                }
            }
            return new OwnKeys(ca, server, Collections.unmodifiableMap(hosts), count);
        } catch (GeneralSecurityException | IOException e) {
            throw new IOException(file + ", the server's keys, cannot be read" + (e.getMessage() == null ? "" : ": " + e.getMessage()) + "; restore it from a copy,"
                    + " or move it away: the next start makes new ones, and agents then need the new pin or ca.pem", e);
        }
    }

    /** The chain is made up anew each time, so that a renewed CA is presented with what it had signed before. */
    private static KeyEntry entry(KeyStore store, String alias, X509Certificate ca) throws GeneralSecurityException {
        PrivateKey key = (PrivateKey) store.getKey(alias, PASSWORD);
        return key == null || ca == null ? null
                : new KeyEntry(key, List.of((X509Certificate) store.getCertificate(alias), ca));
    }

    /** Gives a key in the file another certificate. */
    static void replaceCertificate(Path file, String alias, X509Certificate certificate) throws IOException {
        try {
            KeyStore store = open(file);
            Certificate[] chain = alias.equals(CA) ? new Certificate[] {certificate}
                    : new Certificate[] {certificate, store.getCertificate(CA)};
            store.setKeyEntry(alias, store.getKey(alias, PASSWORD), PASSWORD, chain);
            try (OutputStream out = Files.newOutputStream(file)) {
                store.store(out, PASSWORD);
            }
        } catch (GeneralSecurityException e) {
            throw new IOException(file + " cannot be changed: " + e.getMessage(), e);
        }
    }

    private static KeyStore open(Path file) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(TYPE);
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD);
        }
        return store;
    }
}
