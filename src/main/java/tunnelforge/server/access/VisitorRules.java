package tunnelforge.server.access;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import tunnelforge.net.Clock;
import tunnelforge.text.AddressRange;
import tunnelforge.text.Digests;
import tunnelforge.wire.VisitorAccess;

/**
 * Who may visit a tunnel, as its agent asks: from which addresses, and with which passwords, of which only digests are kept. The rules never change; a
 * registration that asks for other ones makes others. Any task may ask.
 */
public final class VisitorRules {
    /** What is said to a visitor by {@link #judge}. */
    public enum Answer {
        /** It may visit. */
        WELCOME,
        /** It has shown no password (RFC 7617), and is asked for one. */
        PASSWORD_WANTED,
        /** User or password are wrong. */
        PASSWORD_WRONG,
        /** It has been wrong too often, and what it says is not looked at for {@link #refusedFor}. */
        TOO_MANY_GUESSES
    }

    private static final String SCHEME = "Basic ";
    /** There may be thousands of tunnels. */
    private static final int MAX_GUESSERS = 200;

    /** The digests of {@code user:password}. */
    private final byte[][] users;
    private final List<AddressRange> allow;
    private final List<AddressRange> deny;
    private final Guesses guesses;

    private VisitorRules(VisitorAccess asked, Clock clock) {
        users = asked.users().stream().map(user -> Digests.sha256(user.getBytes(StandardCharsets.UTF_8))).toArray(byte[][]::new);
        allow = asked.allow();
        deny = asked.deny();
        guesses = new Guesses(clock, MAX_GUESSERS);
    }

    /** Null when anybody may visit. {@code clock}: by which those who guess have to wait. */
    public static VisitorRules of(VisitorAccess asked, Clock clock) {
        return asked.isAnybody() ? null : new VisitorRules(asked, clock);
    }

    /** Whether visitors may come from there; {@code address} is null when it is not known. */
    public boolean admits(InetAddress address) {
        if (allow.isEmpty() && deny.isEmpty()) {
            return true;
        }
        return address != null && !contains(deny, address) && (allow.isEmpty() || contains(allow, address));
    }

    private static boolean contains(List<AddressRange> ranges, InetAddress address) {
        for (AddressRange range : ranges) {
            if (range.contains(address)) {
                return true;
            }
        }
        return false;
    }

    /** Whether visitors have to show a password, which {@link #judge} looks at. */
    public boolean asksForPassword() {
        return users.length > 0;
    }

    /**
     * What a visitor is told, by the password that it shows. The time that it takes tells nothing of the users: all of them are looked at, always.
     *
     * @param authorization the field of its request, whose characters are octets; null when there is none
     * @param address by which guesses are counted
     */
    public Answer judge(String authorization, InetAddress address) {
        if (authorization == null || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return Answer.PASSWORD_WANTED;
        }
        if (!refusedFor(address).isZero()) {
            return Answer.TOO_MANY_GUESSES;
        }
        byte[] shown = Digests.sha256(decoded(authorization.substring(SCHEME.length()).strip()));
        boolean known = false;
        for (byte[] user : users) {
            known |= MessageDigest.isEqual(user, shown);
        }
        if (known) {
            guesses.succeeded(address);
            return Answer.WELCOME;
        }
        guesses.failed(address, shown);
        return Answer.PASSWORD_WRONG;
    }

    /** The user whom an {@code authorization} that is welcome names. */
    public static String user(String authorization) {
        String shown = new String(decoded(authorization.substring(SCHEME.length()).strip()), StandardCharsets.UTF_8);
        return shown.substring(0, shown.indexOf(':'));
    }

    /** What is no base64 is nobody's: no user is without a colon. */
    private static byte[] decoded(String token68) {
        try {
            return Base64.getDecoder().decode(token68.getBytes(StandardCharsets.ISO_8859_1));
        } catch (IllegalArgumentException e) {
            return new byte[0];
        }
    }

    /** How long an address has to wait before it may show a password again; zero when it need not. */
    public Duration refusedFor(InetAddress address) {
        return guesses.refusedFor(address);
    }

    /** Whether the same visitors are admitted; who has guessed how often does not count. */
    @Override
    public boolean equals(Object other) {
        return other instanceof VisitorRules rules && Arrays.deepEquals(users, rules.users) && allow.equals(rules.allow) && deny.equals(rules.deny);
    }

    @Override
    public int hashCode() {
        return 31 * allow.hashCode() + deny.hashCode();
    }
}
