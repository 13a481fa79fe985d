package tunnelforge.server.edge;

import java.net.InetAddress;
import java.time.Duration;
import tunnelforge.http.Fields;
import tunnelforge.server.access.TurnedAway;
import tunnelforge.server.access.VisitorRules;
import tunnelforge.server.tunnel.Tunnel;
import tunnelforge.text.Addresses;
import tunnelforge.wire.TunnelError;

/**
 * Asks visitors of HTTP what the tunnel's rules say: the one place for each request, in whatever way it comes, before anything else is done about it.
 *
 * @param turnedAway is told of those that may not go in; not of those that show no password yet, as every browser begins
 */
record Doorkeeper(TurnedAway turnedAway) {
    private static final String AUTHORIZATION = "Authorization";

    /**
     * Null when the visitor may go in; else what it is answered.
     *
     * @param fields of its request; a password that it has shown, and that is right, is taken out of them: it is not for the local service
     * @param peer who has connected
     * @param visitor for whom it asks; null when that cannot be read
     * @param notes are told by whose password it goes in
     */
    Page refusal(Tunnel tunnel, VisitorRules rules, Fields fields, InetAddress peer, InetAddress visitor, RequestNotes notes) {
        if (!rules.admits(visitor)) {
            tell("visitors from this address are not admitted", tunnel, visitor == null ? peer : visitor, TunnelError.VISITOR_REFUSED.status());
            return Page.error(TunnelError.VISITOR_REFUSED, visitor == null ? "Who may visit depends on the address here, and yours is not known."
                    : "Visitors from your address, " + Addresses.text(visitor) + ", are not admitted here.");
        }
        return rules.asksForPassword() ? judged(tunnel, rules, fields, visitor == null ? peer : visitor, notes) : null;
    }

    private Page judged(Tunnel tunnel, VisitorRules rules, Fields fields, InetAddress visitor, RequestNotes notes) {
        // Of two nobody knows which one is meant.
        String shown = fields.count(AUTHORIZATION) == 1 ? fields.get(AUTHORIZATION) : null;
        return switch (rules.judge(shown, visitor)) {
            case WELCOME -> {
                fields.remove(AUTHORIZATION);
                notes.user(shown);
                yield null;
            }
            case PASSWORD_WANTED -> Page.unauthorized(tunnel.address().host(), "A user name and a password are asked for here.");
            case PASSWORD_WRONG -> {
                tell("a visitor has shown a wrong user name or password", tunnel, visitor, Page.UNAUTHORIZED);
                yield Page.unauthorized(tunnel.address().host(), "The user name or the password is wrong.");
            }
            case TOO_MANY_GUESSES -> {
                Duration wait = rules.refusedFor(visitor);
                tell("too many wrong passwords have come from this address", tunnel, visitor, TunnelError.RATE_LIMITED.status());
                yield Page.tryLater(TunnelError.RATE_LIMITED, "From your address too many wrong passwords have come. Try again later.", wait);
            }
        };
    }

    private void tell(String reason, Tunnel tunnel, InetAddress visitor, int status) {
        turnedAway.tell("visitor_refused", reason, visitor, "tunnel", tunnel.address(), "status", status);
    }
}
