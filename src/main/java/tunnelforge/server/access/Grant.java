package tunnelforge.server.access;

import java.security.MessageDigest;
import java.util.Set;

/** That somebody has shown what opens tunnels for an account, or had before the server was restarted. {@link Accounts} says what it is good for, and whether it still is. */
public final class Grant {
    private final Allowance allowance;
    private final String tokenId;
    private final byte[] sha256;
    private final Set<String> certificateNames;

    private final boolean ofLastRun;

    private Grant(Allowance allowance, String tokenId, byte[] sha256, Set<String> certificateNames, boolean ofLastRun) {
        this.allowance = allowance;
        this.ofLastRun = ofLastRun;
        this.tokenId = tokenId;
        this.sha256 = sha256;
        this.certificateNames = certificateNames;
    }

    /** {@code certificateNames}: of a certificate that was shown as well; empty for none. */
    static Grant byToken(Allowance allowance, Account.Token token, Set<String> certificateNames) {
        return new Grant(allowance, token.id(), token.sha256(), Set.copyOf(certificateNames), false);
    }

    static Grant byCertificate(Allowance allowance, Set<String> names) {
        return new Grant(allowance, null, null, Set.copyOf(names), false);
    }

    /** Nothing was shown in this run of the server. */
    static Grant ofLastRun(Allowance allowance) {
        return new Grant(allowance, null, null, Set.of(), true);
    }

    /** Whether it only keeps what somebody had before the server was restarted; nothing can be opened by it. */
    boolean isOfLastRun() {
        return ofLastRun;
    }

    Set<String> certificateNames() {
        return certificateNames;
    }

    public Allowance allowance() {
        return allowance;
    }

    /** The account's name. */
    public String account() {
        return allowance.account();
    }

    /** Null when no token was shown. */
    String tokenId() {
        return tokenId;
    }

    /** No token was shown. */
    boolean isByCertificate() {
        return sha256 == null;
    }

    /** In a book; null when it is there no longer. */
    AccountBook.Found in(AccountBook book) {
        Account there = book.account(account());
        if (there == null) {
            return null;
        }
        if (ofLastRun) {
            return new AccountBook.Found(there, null);
        }
        if (isByCertificate()) {
            return there.certificateAlone() && there.hasCertificate(certificateNames) ? new AccountBook.Found(there, null) : null;
        }
        return there.tokens().stream().filter(token -> MessageDigest.isEqual(token.sha256(), sha256)).findFirst().map(token -> new AccountBook.Found(there, token)).orElse(null);
    }
}
