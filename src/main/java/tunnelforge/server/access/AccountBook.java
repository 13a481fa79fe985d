package tunnelforge.server.access;

import java.security.MessageDigest;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** All accounts and tiers at one moment. Never changes. */
final class AccountBook {
    private final Map<String, Account> accounts = new LinkedHashMap<>();
    private final Collection<Tier> tiers;

    /** An account, by what was shown for it. {@code token}: null when that was a certificate. */
    record Found(Account account, Account.Token token) {
    }

    /** {@code accounts}: of different names. */
    AccountBook(Collection<Tier> tiers, List<Account> accounts) {
        this.tiers = tiers;
        accounts.forEach(account -> this.accounts.put(account.name(), account));
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

    /** For which account a certificate with these names stands; null for none. */
    Found byCertificate(Set<String> names) {
        for (Account account : accounts.values()) {
            if (account.certificateNames().stream().anyMatch(names::contains)) {
                return new Found(account, null);
            }
        }
        return null;
    }

    /** Whether a name is somebody's. */
    boolean isReservedName(String label) {
        return holdings().anyMatch(each -> each.hasName(label));
    }

    boolean isReservedPort(int port) {
        return holdings().anyMatch(each -> each.hasPort(port));
    }

    private Stream<Holdings> holdings() {
        return Stream.concat(tiers.stream().map(Tier::reserved), accounts.values().stream().map(Account::own));
    }
}
