package tunnelforge.server.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import tunnelforge.log.Log;
import tunnelforge.net.KeyEntry;
import tunnelforge.net.Pem;
import tunnelforge.net.Pin;
import tunnelforge.text.Addresses;
import tunnelforge.text.HostNames;

/**
 * The private CA that a server makes for itself when it is given no certificate, and the certificates from it: one
 * for the domain and one for each custom hostname. Keys live in {@code ca.p12} in the state directory; {@code ca.pem}
 * is what visitors and agents may trust. A certificate is renewed before its end with its key, so that pins stay.
 *
 * <p>Any task may call it. Changes are made under a lock on the directory, to a copy that then takes the old file's
 * place, so neither a crash nor a second server leaves half of one. It holds no resources between calls.
 */
public final class OwnCa {
    static final int CA_DAYS = 3650;
    /** Under the 825 days that Apple's systems accept. */
    static final int CERTIFICATE_DAYS = 800;
    static final Duration RENEWED_BEFORE_END = Duration.ofDays(30);
    static final int MAX_HOSTNAMES = 1000;

    private static final String STORE = "ca.p12";
    private static final String LOCK = "ca.lock";
    private static final String CERTIFICATE = "ca.pem";

    private final PrivateDirectory directory;
    private final KeyTool tool;
    private final InstantSource clock;
    private final Log log;
    private final SequencedSet<String> serverNames;
    private volatile OwnKeys keys;

    private OwnCa(PrivateDirectory directory, SequencedSet<String> serverNames, Log log, InstantSource clock, KeyTool tool) {
        this.directory = directory;
        this.serverNames = serverNames;
        this.log = log;
        this.clock = clock;
        this.tool = tool;
    }

    /**
     * Opens the CA of a state directory; makes both when they are absent, which takes about two seconds, and renews
     * what is due.
     *
     * @throws IOException with a message that says what to do
     */
    public static OwnCa open(Path stateDirectory, String domain, Log log) throws IOException {
        return open(stateDirectory, domain, log, InstantSource.system(), KeyTool.ofThisRuntime());
    }

    static OwnCa open(Path stateDirectory, String domain, Log log, InstantSource clock, KeyTool tool) throws IOException {
        SequencedSet<String> names = namesFor(domain);
        OwnCa ca = new OwnCa(PrivateDirectory.open(stateDirectory), names, log, clock, tool);
        ca.directory.locked(LOCK, () -> {
            ca.directory.removeWork();
            ca.keys = Files.exists(ca.directory.file(STORE)) ? ca.renewed(ca.load(Set.of())) : ca.make();
            ca.writeCertificate();
            return null;
        });
        return ca;
    }

    private static SequencedSet<String> namesFor(String domain) throws IOException {
        String name = HostNames.normalise(domain);
        SequencedSet<String> names = new LinkedHashSet<>();
        names.add(name);
        if (Addresses.ofHost(name) == null) {
            requireCertifiable(name);
            names.add("*." + name);
        }
        names.addAll(List.of("localhost", "127.0.0.1", "::1"));
        return names;
    }

    private static void requireCertifiable(String name) throws IOException {
        if (!HostNames.isName(name) || name.indexOf('_') >= 0) {
            throw new IOException("no certificate can be made for '" + name + "': a host name has letters, digits and hyphens,"
                    + " 63 between two dots and 253 in all");
        }
    }

    /** The certificate for the domain, everything below it by one label, and this machine. */
    KeyEntry server() {
        return keys.server();
    }

    /** The CA's own certificate. */
    X509Certificate ca() {
        return keys.ca();
    }

    /** What {@code --pin} takes for this server. */
    public Pin pin() {
        return Pin.of(server().leaf());
    }

    /**
     * All that is to be served, for {@code ServerKeys}: the server's first, then those of the hostnames asked for since
     * {@link #open}. It changes with {@link #issue} and {@link #renewWhenDue}.
     */
    List<KeyEntry> entries() {
        OwnKeys now = keys;
        List<KeyEntry> entries = new ArrayList<>(List.of(now.server()));
        entries.addAll(now.hosts().values());
        return entries;
    }

    /**
     * A certificate for one custom hostname; the one from last time where there is one, else it takes about a second.
     *
     * @throws IOException when none can be made for the name, or there are too many
     */
    KeyEntry issue(String hostname) throws IOException {
        String name = HostNames.normalise(hostname);
        KeyEntry known = keys.hosts().get(name);
        if (known != null && !isDue(known.leaf())) {
            return known;
        }
        if (Addresses.ofHost(name) != null) {
            throw new IOException("no certificate is made for an address: " + name);
        }
        requireCertifiable(name);
        return directory.locked(LOCK, () -> {
            Set<String> wanted = new HashSet<>(keys.hosts().keySet());
            wanted.add(name);
            OwnKeys stored = renewed(load(wanted));
            if (!stored.hosts().containsKey(name)) {
                stored = makeHost(name, stored.hostCount(), wanted);
            }
            keys = stored;
            writeCertificate();
            return stored.hosts().get(name);
        });
    }

    private OwnKeys makeHost(String name, int hostCount, Set<String> wanted) throws IOException {
        if (hostCount >= MAX_HOSTNAMES) {
            throw new IOException("no certificate for " + name + ": " + MAX_HOSTNAMES
                    + " hostnames have one already; load your own with --cert and --key");
        }
        OwnKeys made = change(wanted, work -> tool.generate(work, OwnKeys.hostAlias(name), OwnKeys.CA,
                "CN=TunnelForge hostname", serverProfile(List.of(name))));
        log.info("certificate_issued", "made a certificate for a hostname", "hostname", name);
        return made;
    }

    /**
     * Renews what ends within {@link #RENEWED_BEFORE_END}; quick when nothing does.
     *
     * @return true when there are new certificates to be served
     */
    boolean renewWhenDue() throws IOException {
        OwnKeys before = keys;
        if (!isServerDue(before) && before.hosts().values().stream().noneMatch(host -> isDue(host.leaf()))) {
            return false;
        }
        directory.locked(LOCK, () -> {
            keys = renewed(load(keys.hosts().keySet()));
            writeCertificate();
            return null;
        });
        return true;
    }

    private boolean isDue(X509Certificate certificate) {
        return certificate.getNotAfter().toInstant().isBefore(clock.instant().plus(RENEWED_BEFORE_END));
    }

    /** The CA must outlive what it signs. */
    private boolean isCaDue(X509Certificate certificate) {
        return certificate.getNotAfter().toInstant()
                .isBefore(clock.instant().plus(RENEWED_BEFORE_END).plus(Duration.ofDays(CERTIFICATE_DAYS)));
    }

    private boolean isServerDue(OwnKeys stored) {
        X509Certificate leaf = stored.server().leaf();
        return isDue(leaf) || !serverNames.stream().allMatch(name -> name.startsWith("*.")
                ? stored.server().names().contains(name) : stored.server().covers(name));
    }

    private OwnKeys load(Set<String> hostnames) throws IOException {
        if (directory.tighten(STORE)) {
            log.warn("state_tightened", "others could read the server's keys; not any more",
                    "file", directory.file(STORE).toString());
        }
        return OwnKeys.load(directory.file(STORE), hostnames);
    }

    private OwnKeys make() throws IOException {
        // Two CAs of one name on one machine would be taken for each other.
        String subject = "CN=TunnelForge CA " + Integer.toHexString(ThreadLocalRandom.current().nextInt());
        OwnKeys made = change(Set.of(), work -> {
            tool.generate(work, OwnKeys.CA, null, subject, caProfile());
            tool.generate(work, OwnKeys.SERVER, OwnKeys.CA, "CN=TunnelForge server", serverProfile(serverNames));
        });
        log.info("ca_created", "made a private CA and a certificate for this server", "file",
                directory.file(CERTIFICATE).toString(), "names", String.join(",", serverNames));
        return made;
    }

    private OwnKeys renewed(OwnKeys stored) throws IOException {
        Set<String> wanted = stored.hosts().keySet();
        OwnKeys current = stored;
        if (isCaDue(current.ca())) {
            current = renew(OwnKeys.CA, caProfile(), wanted);
        }
        if (isServerDue(current)) {
            current = renew(OwnKeys.SERVER, serverProfile(serverNames), wanted);
        }
        for (String host : wanted) {
            if (isDue(stored.hosts().get(host).leaf())) {
                current = renew(OwnKeys.hostAlias(host), serverProfile(List.of(host)), wanted);
            }
        }
        return current;
    }

    private OwnKeys renew(String alias, KeyTool.Profile profile, Set<String> wanted) throws IOException {
        OwnKeys current = change(wanted, work -> OwnKeys.replaceCertificate(work, alias,
                Pem.certificates(tool.certify(work, alias, OwnKeys.CA, profile)).getFirst()));
        log.info("certificate_renewed", "renewed a certificate, its key stays", "certificate", alias);
        return current;
    }

    private interface Change {
        void to(Path copyOfStore) throws IOException;
    }

    private OwnKeys change(Set<String> wanted, Change change) throws IOException {
        Path copy = directory.makeWork().resolve(STORE);
        try {
            if (Files.exists(directory.file(STORE))) {
                Files.copy(directory.file(STORE), copy);
            }
            change.to(copy);
            // Read before it counts: what cannot be read must not take the place of what can.
            OwnKeys changed = OwnKeys.load(copy, wanted);
            directory.replaceSecret(STORE, copy);
            return changed;
        } finally {
            directory.removeWork();
        }
    }

    private void writeCertificate() throws IOException {
        String pem = Pem.encode(ca());
        Path file = directory.file(CERTIFICATE);
        if (Files.exists(file) && Files.readString(file).equals(pem)) {
            return;
        }
        try {
            directory.replaceReadable(CERTIFICATE, Files.writeString(directory.makeWork().resolve(CERTIFICATE), pem));
        } finally {
            directory.removeWork();
        }
    }

    private static KeyTool.Profile caProfile() {
        return new KeyTool.Profile(CA_DAYS, List.of("bc:critical=ca:true,pathlen:0", "ku:critical=keyCertSign,cRLSign"));
    }

    private static KeyTool.Profile serverProfile(Iterable<String> names) {
        List<String> alternatives = new ArrayList<>();
        for (String name : names) {
            alternatives.add((Addresses.ofHost(name) == null ? "dns:" : "ip:") + name);
        }
        return new KeyTool.Profile(CERTIFICATE_DAYS, List.of("ku:critical=digitalSignature", "eku=serverAuth",
                "san=" + String.join(",", alternatives)));
    }
}
