package tunnelforge.server.tls;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import tunnelforge.log.Log;
import tunnelforge.net.KeyEntry;

/**
 * Warns of loaded certificates that visitors or agents will refuse: when they are loaded, and of their dates once a day. Nobody else renews
 * them; the own CA's are renewed in time. Called by one task at a time.
 */
final class CertificateWarnings {
    static final Duration BEFORE_END = Duration.ofDays(21);
    static final Duration AGAIN_AFTER = Duration.ofDays(1);

    private static final String EVENT = "certificate_warning";

    private final String domain;
    private final InstantSource clock;
    private final Log log;
    private Instant told = Instant.MIN;

    CertificateWarnings(String domain, InstantSource clock, Log log) {
        this.domain = domain;
        this.clock = clock;
        this.log = log;
    }

    /** A certificate and the file that it was loaded from. */
    record Loaded(CertificateFiles files, KeyEntry entry) {
        boolean covers(String name) {
            return name.startsWith("*.") ? entry.names().contains(name) : entry.covers(name);
        }

        private String description() {
            return files.chain() + (entry.names().isEmpty() ? " names no host" : " is for " + String.join(", ", entry.names()));
        }
    }

    /** Of all that is wrong with what has just been loaded. */
    void loaded(List<Loaded> certificates) {
        names(certificates);
        dates(certificates);
    }

    /** Of what time has made wrong, unless that was said today. */
    void repeat(List<Loaded> certificates) {
        // A clock that was set back must not silence it for long.
        if (Duration.between(told, clock.instant()).abs().compareTo(AGAIN_AFTER) >= 0) {
            dates(certificates);
        }
    }

    /** Certificates for other names are for tunnels that ask for a hostname, as long as some are for the domain. */
    private void names(List<Loaded> certificates) {
        List<String> missing = Stream.of(domain, "*." + domain).filter(name -> certificates.stream().noneMatch(one -> one.covers(name))).toList();
        if (missing.isEmpty() || certificates.isEmpty()) {
            return;
        }
        List<String> descriptions = certificates.stream().map(Loaded::description).toList();
        log.warn(EVENT, "no --cert is for " + String.join(" or ", missing) + " (" + String.join("; ", descriptions)
                + "): the server shows a certificate of its own there, which browsers refuse"
                + (missing.contains(domain) ? " and agents accept by its --pin only" : ""), "problem", "name_not_covered", "names", String.join(" ", missing));
    }

    private void dates(List<Loaded> certificates) {
        Instant now = clock.instant();
        told = now;
        for (Loaded one : certificates) {
            X509Certificate leaf = one.entry.leaf();
            Instant begin = leaf.getNotBefore().toInstant();
            Instant end = leaf.getNotAfter().toInstant();
            String certificate = "the certificate " + one.files.chain();
            String refused = one.covers(domain) ? "browsers refuse it, and so do agents that were not given its --pin" : "browsers refuse it";
            if (!now.isBefore(end)) {
                date(one, "ended", certificate + " ended on " + end + ": " + refused);
            } else if (now.isBefore(begin)) {
                date(one, "not_yet_valid", certificate + " begins on " + begin + ": until then, unless the clock of this machine is wrong, " + refused);
            } else if (Duration.between(now, end).compareTo(BEFORE_END) <= 0) {
                date(one, "ends_soon", certificate + " ends on " + end + ", in " + left(Duration.between(now, end)) + ": from then on " + refused);
            }
        }
    }

    private void date(Loaded one, String problem, String message) {
        log.warn(EVENT, message + ". The server loads a new one as soon as the file has it", "problem", problem, "file", one.files.chain(), "names",
                String.join(" ", one.entry.names()), "ends", one.entry.leaf().getNotAfter().toInstant());
    }

    private static String left(Duration time) {
        return time.toDays() >= 2 ? time.toDays() + " days" : time.toHours() >= 2 ? time.toHours() + " hours" : time.toMinutes() + " minutes";
    }
}
