package tunnelforge.server.access;

import java.util.Set;

/** That somebody has shown what opens tunnels for an account. {@link Accounts} says what it is good for, and whether it still is. */
public final class Grant {
    private final Allowance allowance;
    private final String tokenId;
    private final byte[] sha256;
    private final Set<String> certificateNames;

    private Grant(Allowance allowance, String tokenId, byte[] sha256, Set<String> certificateNames) {
        this.allowance = allowance;
        this.tokenId = tokenId;
        this.sha256 = sha256;
        this.certificateNames = certificateNames;
    }

    static Grant byToken(Allowance allowance, Account.Token token) {
        return new Grant(allowance, token.id(), token.sha256(), Set.of());
    }

    static Grant byCertificate(Allowance allowance, Set<String> names) {
        return new Grant(allowance, null, null, Set.copyOf(names));
    }

    public Allowance allowance() {
        return allowance;
    }

    /** The account's name. */
    public String account() {
        return allowance.account();
    }

    /** Null when a certificate was shown. */
    String tokenId() {
        return tokenId;
    }

    /** In a book; null when it is there no longer. */
    AccountBook.Found in(AccountBook book) {
        AccountBook.Found found = sha256 == null ? book.byCertificate(certificateNames) : book.byToken(sha256);
        return found != null && found.account().name().equals(account()) ? found : null;
    }
}
