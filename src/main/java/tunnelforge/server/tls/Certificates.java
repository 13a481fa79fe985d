package tunnelforge.server.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import tunnelforge.log.Log;
import tunnelforge.net.CertificateJudge;
import tunnelforge.net.Connection;
import tunnelforge.net.FileStamp;
import tunnelforge.net.KeyEntry;
import tunnelforge.net.Pin;
import tunnelforge.net.ServerKeys;
import tunnelforge.net.ServerTrust;
import tunnelforge.net.Errand;
import tunnelforge.net.Tasks;
import tunnelforge.net.Ticker;
import tunnelforge.net.TlsContexts;
import tunnelforge.server.access.Presented;
import tunnelforge.server.access.Refusal;
import tunnelforge.wire.TunnelError;

/**
 * What the server shows in TLS, the certificates it was given before its own CA's, and what agents have to show. All files are looked at again when they change. There
 * are two contexts, so that no session of a visitor resumes at the agents' entrance.
 */
public final class Certificates implements Ticker.Ticked {
    private static final long LOOK_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(10);
    /** Visitors are never asked for a certificate. */
    private static final CertificateJudge NO_CLIENT = new CertificateJudge() { };

    private final List<CertificateFiles> files;
    private final OwnCa ownCa;
    private final ServerKeys keys;
    private final ClientCertificates clients;
    private final SSLContext visitors;
    private final SSLContext agents;
    private final Log log;
    private final ReentrantLock lock = new ReentrantLock();
    private final Errand errand;
    private final CertificateWarnings warnings;
    private List<CertificateWarnings.Loaded> loaded;
    private List<FileStamp> stamps;
    /** Why the last look was in vain; null when it was not. */
    private String failure;
    private volatile long looked = System.nanoTime();

    /**
     * Loads the certificates.
     *
     * @param clientCa PEM: the CAs of the certificates that agents must have; null when they need none
     * @param domain visitors and agents come to it and to names below it: there is a warning where no certificate is for them
     * @throws IOException when one cannot be loaded
     */
    public Certificates(List<CertificateFiles> files, Path clientCa, String domain, OwnCa ownCa, Tasks tasks, Log log) throws IOException {
        this(files, clientCa, domain, ownCa, tasks, log, InstantSource.system());
    }

    Certificates(List<CertificateFiles> files, Path clientCa, String domain, OwnCa ownCa, Tasks tasks, Log log, InstantSource clock) throws IOException {
        this.files = files;
        this.ownCa = ownCa;
        this.errand = new Errand("certificates", tasks, this::look);
        this.log = log;
        this.stamps = stamps();
        this.loaded = load();
        this.keys = new ServerKeys(ownCa.entries(), given());
        this.clients = new ClientCertificates(clientCa, log);
        this.visitors = TlsContexts.of(keys, NO_CLIENT);
        this.agents = TlsContexts.of(keys, clients.anyClient());
        this.warnings = new CertificateWarnings(domain, clock, log);
        warnings.loaded(loaded);
    }

    public SSLContext visitors() {
        return visitors;
    }

    public SSLContext agents() {
        return agents;
    }

    /** Whether agents are asked for a certificate. */
    public boolean asksAgents() {
        return clients.areAskedFor();
    }

    /**
     * Judges a connection to the agents' entrance, by what is trusted now: each request anew.
     *
     * @return what its certificate proves; null when none is asked for
     * @throws Refusal when one is asked for, and this connection has none that will do
     */
    public Presented presentedBy(Connection connection) throws Refusal {
        return clients.judge(connection.peerCertificates());
    }

    /** Makes sure that a custom hostname has a certificate; may take a second. */
    public void cover(String hostname) throws Refusal {
        lock.lock();
        try {
            if (loadedCovers(hostname)) {
                return;
            }
            ownCa.issue(hostname);
            keys.replace(ownCa.entries(), given());
        } catch (IOException e) {
            throw Refusal.lasting(TunnelError.NAME_INVALID, e.getMessage());
        } finally {
            lock.unlock();
        }
    }

    private List<KeyEntry> given() {
        return loaded.stream().map(CertificateWarnings.Loaded::entry).toList();
    }

    /** Whether a loaded certificate is the one that is shown for {@code name}. */
    public boolean loadedCovers(String name) {
        lock.lock();
        try {
            return loaded.stream().anyMatch(one -> one.covers(name));
        } finally {
            lock.unlock();
        }
    }

    /** What is shown for a name. */
    KeyEntry shownFor(String name) {
        return keys.shown(name);
    }

    /** What an agent that comes to {@code name} must be told to trust; null when Java's own CAs vouch for what it is shown. */
    public Pin pin(String name) {
        if (!loadedCovers(name)) {
            return ownCa.pin();
        }
        List<X509Certificate> chain = keys.shown(name).chain();
        X509Certificate last = chain.getLast();
        // A CA's pin outlives the certificate.
        return isVouchedFor(chain, name) ? null : Pin.of(last.getBasicConstraints() >= 0 ? last : chain.getFirst());
    }

    /** Whether one of Java's CAs vouches for it within its dates: who trusts the next one of that CA need not be told to trust this one. */
    private static boolean isVouchedFor(List<X509Certificate> chain, String name) {
        X509Certificate[] issuers = new ServerTrust(null, List.of(), name).getAcceptedIssuers();
        try {
            PKIXParameters parameters = new PKIXParameters(Stream.of(issuers).map(issuer -> new TrustAnchor(issuer, null)).collect(Collectors.toSet()));
            parameters.setRevocationEnabled(false);
            parameters.setDate(withinDates(chain.getFirst()));
            CertPathValidator.getInstance("PKIX").validate(CertificateFactory.getInstance("X.509").generateCertPath(chain), parameters);
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** Now, or the moment next to it at which the certificate is valid. */
    private static Date withinDates(X509Certificate certificate) {
        Date now = new Date();
        return now.before(certificate.getNotBefore()) ? certificate.getNotBefore() : now.after(certificate.getNotAfter()) ? certificate.getNotAfter() : now;
    }

    private List<CertificateWarnings.Loaded> load() throws IOException {
        List<CertificateWarnings.Loaded> entries = new ArrayList<>();
        for (CertificateFiles file : files) {
            entries.add(new CertificateWarnings.Loaded(file, KeyEntry.load(file.chain(), file.key())));
        }
        return entries;
    }

    private List<FileStamp> stamps() throws IOException {
        List<FileStamp> found = new ArrayList<>();
        for (CertificateFiles file : files) {
            found.add(FileStamp.of(file.chain()));
            found.add(FileStamp.of(file.key()));
        }
        return found;
    }

    @Override
    public void tick(long now) {
        if (now - looked > LOOK_AGAIN_NANOS) {
            errand.begin();
        }
    }

    /** Whether no look at the files is under way. */
    public boolean isNotLooking() {
        return !errand.isUnderWay();
    }

    private void look() {
        lock.lock();
        try {
            reload();
            clients.look();
            warnings.repeat(loaded);
        } finally {
            lock.unlock();
            looked = System.nanoTime();
        }
    }

    private void reload() {
        try {
            boolean renewed = ownCa.renewWhenDue();
            List<FileStamp> now = stamps();
            boolean changed = !now.equals(stamps);
            if (changed) {
                loaded = load();
                stamps = now;
            }
            if (renewed || changed) {
                keys.replace(ownCa.entries(), given());
                log.info("certificates_reloaded", "new certificates are shown from now on");
            }
            if (changed) {
                warnings.loaded(loaded);
            }
            failure = null;
        } catch (IOException e) {
            // Once for each failure, not every ten seconds: a person must mend it.
            if (!String.valueOf(e.getMessage()).equals(failure)) {
                failure = String.valueOf(e.getMessage());
                log.warn("certificates_kept", "certificates could not be looked at again; the old ones are shown", "error", failure);
            }
        }
    }
}
