package tunnelforge.server.tunnel;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import tunnelforge.text.HostNames;
import tunnelforge.text.Printable;

/**
 * The names of tunnels: random ones, and what an agent asks for, checked and brought into the one form in which names
 * are compared (lower case, no trailing dot). Knows nothing of which names are in use.
 */
final class TunnelNames {
    /** From the attempt after this one on, random names end in two digits, so that a full server still finds one. */
    static final int ATTEMPTS_WITHOUT_DIGITS = 4;

    /**
     * What people or programs trust, or look up by themselves, below any domain. Whoever got {@code wpad} or
     * {@code autodiscover} would be sent other people's traffic and passwords.
     */
    private static final Set<String> RESERVED = Set.of(
            "www", "api", "admin", "administrator", "root", "tunnelforge", "dashboard", "status", "metrics", "health",
            "mail", "webmail", "smtp", "imap", "pop", "pop3", "ftp", "sftp", "ssh", "dns", "mta-sts",
            "autodiscover", "autoconfig", "wpad", "isatap", "localhost", "localdomain", "broadcasthost",
            "hostmaster", "postmaster", "webmaster", "abuse", "security",
            "login", "auth", "sso", "account", "accounts", "billing", "support");
    private static final Pattern RESERVED_SERIES = Pattern.compile("(ns|mx|www)[0-9]*");

    /** The name asked for cannot be had by anyone; the message says why, for a person. */
    static final class InvalidNameException extends IOException {
        private static final long serialVersionUID = 1L;

        InvalidNameException(String message) {
            super(message);
        }
    }

    private TunnelNames() {
    }

    /** A name such as {@code quick-fox}; never reserved, always valid. */
    static String random(RandomGenerator random) {
        return pick(TunnelNameWords.ADJECTIVES, random) + "-" + pick(TunnelNameWords.NOUNS, random);
    }

    /** The same for the first attempts (from 1), then such as {@code quick-fox-42}, for callers that found the others taken. */
    static String random(RandomGenerator random, int attempt) {
        String name = random(random);
        return attempt <= ATTEMPTS_WITHOUT_DIGITS ? name : name + "-" + random.nextInt(10, 100);
    }

    private static String pick(List<String> words, RandomGenerator random) {
        return words.get(random.nextInt(words.size()));
    }

    /**
     * One label below the server's domain, as hosts use them today (RFC 1123 section 2.1 lets it start with a digit).
     * What has hyphens in third and fourth place, {@code xn--} too, is refused: such labels can look like another's
     * name (RFC 5890 section 2.3.1 reserves them all).
     *
     * @return the label in lower case
     */
    static String validate(String asked) throws InvalidNameException {
        String what = "subdomain " + Printable.quoted(asked);
        if (asked.startsWith("_")) {
            throw new InvalidNameException(what + " is reserved: names that begin with an underscore are for services");
        }
        if (asked.indexOf('.') >= 0) {
            throw new InvalidNameException(what + " has a dot: ask for one label, or for a hostname");
        }
        String label = label(what, asked);
        if (label.startsWith("--", 2)) {
            throw new InvalidNameException(what + " has hyphens in third and fourth place, which is reserved");
        }
        if (RESERVED.contains(label) || RESERVED_SERIES.matcher(label).matches()) {
            throw new InvalidNameException(what + " is reserved");
        }
        return label;
    }

    /**
     * A whole host name of the asker's own. That it is really his is for the accounts and the certificate to say.
     * Internationalised names come as {@code xn--} labels.
     *
     * @param domain the server's, which is no tunnel's, nor is anything below it
     * @return the name in lower case, without a trailing dot
     */
    static String hostname(String asked, String domain) throws InvalidNameException {
        String what = "hostname " + Printable.quoted(asked);
        if (asked.startsWith("[") || asked.indexOf(':') >= 0) {
            throw new InvalidNameException(what + " must be a name without an address or a port");
        }
        String dotless = HostNames.withoutTrailingDot(asked);
        if (dotless.length() > HostNames.MAX_NAME) {
            throw new InvalidNameException(
                    "%s has %d characters, the limit is %d".formatted(what, dotless.length(), HostNames.MAX_NAME));
        }
        if (dotless.startsWith("*.")) {
            throw new InvalidNameException(what + " must be one name, without a wildcard");
        }
        String[] labels = dotless.split("\\.", -1);
        for (int i = 0; i < labels.length; i++) {
            labels[i] = label(what, labels[i]);
        }
        String name = String.join(".", labels);
        String last = labels[labels.length - 1];
        if (HostNames.endsInNumber(name)) {
            throw new InvalidNameException(what + " must be a name without an address or a port");
        }
        if (last.equals("localhost")) {
            throw new InvalidNameException(what + " must not be localhost or below it");
        }
        if (labels.length < 2) {
            throw new InvalidNameException(what + " must have at least two labels, as in app.example.com");
        }
        String own = HostNames.withoutTrailingDot(domain).toLowerCase(Locale.ROOT);
        if (name.equals(own) || name.endsWith("." + own)) {
            throw new InvalidNameException(what + " belongs to the server: ask for a subdomain of " + own);
        }
        return name;
    }

    private static String label(String what, String label) throws InvalidNameException {
        if (label.isEmpty()) {
            throw new InvalidNameException(what + " has an empty label");
        }
        // Before the lower case: some letters outside of ASCII become ASCII ones there.
        for (int i = 0; i < label.length(); i++) {
            char c = label.charAt(i);
            if (!(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-')) {
                throw new InvalidNameException(what + " may have only letters a-z, digits and hyphens");
            }
        }
        if (label.length() > HostNames.MAX_LABEL) {
            throw new InvalidNameException(
                    "%s has a label of %d characters, the limit is %d".formatted(what, label.length(), HostNames.MAX_LABEL));
        }
        if (label.startsWith("-") || label.endsWith("-")) {
            throw new InvalidNameException(what + " must not begin or end with a hyphen");
        }
        return label.toLowerCase(Locale.ROOT);
    }
}
