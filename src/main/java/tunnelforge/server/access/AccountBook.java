package tunnelforge.server.access;

import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** All accounts and tiers at one moment. Never changes. */
final class AccountBook {
    private final Map<String, Account> accounts = new LinkedHashMap<>();
    /** Names that are somebody's, whole ones apart from those with a star. */
    private final Set<String> wholeNames = new HashSet<>();
    private final List<NamePattern> patterns = new ArrayList<>();
    private final List<PortRange> ports = new ArrayList<>();

    /** An account, by what was shown for it. {@code token}: null when that was a certificate. */
    record Found(Account account, Account.Token token) {
    }

    /** {@code accounts}: of different names. */
    AccountBook(Collection<Tier> tiers, List<Account> accounts) {
        accounts.forEach(account -> this.accounts.put(account.name(), account));
        tiers.forEach(tier -> reserve(tier.reserved()));
        accounts.forEach(account -> reserve(account.own()));
    }

    private void reserve(Holdings holdings) {
        for (NamePattern name : holdings.names()) {
            if (name.isWhole()) {
                wholeNames.add(name.text());
            } else {
                patterns.add(name);
            }
        }
        ports.addAll(holdings.ports());
    }

    int size() {
        return accounts.size();
    }

    /** Null when there is none. */
    Account account(String name) {
        return accounts.get(name);
    }

    Collection<Account> accounts() {
        return accounts.values();
    }

    /** Whose token has this digest; null for nobody's. Takes the same time for each. */
    Found byToken(byte[] sha256) {
        Found found = null;
        for (Account account : accounts.values()) {
            for (Account.Token token : account.tokens()) {
                if (MessageDigest.isEqual(token.sha256(), sha256)) {
                    found = new Found(account, token);
                }
            }
        }
        return found;
    }

    /** The accounts for which a certificate with these names may stand. */
    List<Account> byCertificate(Set<String> names) {
        return accounts.values().stream().filter(account -> account.hasCertificate(names)).toList();
    }

    /** Whether a name is somebody's: a label below the domain, or a whole host name. */
    boolean isReservedName(String name) {
        return wholeNames.contains(name) || patterns.stream().anyMatch(pattern -> pattern.matches(name));
    }

    boolean isReservedPort(int port) {
        return ports.stream().anyMatch(range -> range.contains(port));
    }
}
