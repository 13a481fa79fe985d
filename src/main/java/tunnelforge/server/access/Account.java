package tunnelforge.server.access;

import java.time.Instant;
import java.util.List;
import java.util.Set;

/**
 * Somebody who may open tunnels, as the accounts file has them.
 *
 * @param own what only this account may have
 * @param certificateNames of client certificates, of which its agents must show one; none asks for none
 * @param certificateAlone whether one of these is enough, without a token
 */
record Account(String name, Tier tier, Holdings own, List<Token> tokens, Set<String> certificateNames, boolean certificateAlone) {
    /**
     * What an agent shows for an account.
     *
     * @param id names it in logs
     * @param sha256 of the token itself, which nobody keeps
     * @param expires null for never
     * @param may what it may be used for; null for all that the account may
     */
    record Token(String id, byte[] sha256, Instant expires, Holdings may) {
        boolean isValid(Instant now) {
            return expires == null || now.isBefore(expires);
        }
    }

    /** Whether one of these names stands for it. */
    boolean hasCertificate(Set<String> names) {
        return certificateNames.stream().anyMatch(names::contains);
    }

    /** Whether it or its tier has something that others may not have. */
    boolean hasName(String label) {
        return own.hasName(label) || tier.reserved().hasName(label);
    }

    boolean hasPort(int port) {
        return own.hasPort(port) || tier.reserved().hasPort(port);
    }

    boolean hasPorts() {
        return !own.ports().isEmpty() || !tier.reserved().ports().isEmpty();
    }
}
