package tunnelforge.server.access;

/**
 * What an account may have; {@link #NO_LIMIT} where nothing is said.
 *
 * @param all of all visitors of the account's tunnels together
 * @param visitor of those of one address
 * @param bytesPerMonth of bodies and sessions, both ways, in a month of UTC
 * @param connections requests and sessions at one time
 * @param reserved what only accounts of this tier may have
 */
public record Tier(String name, Rates all, Rates visitor, long bytesPerMonth, long connections, long tunnels, boolean tcp, boolean tls, Holdings reserved) {
    /** As much as there is. */
    public static final long NO_LIMIT = Long.MAX_VALUE;

    /** For whoever has a server for themselves. */
    public static final Tier UNLIMITED = unlimited("unlimited");

    /** To try things out. */
    static final Tier FREE = new Tier("free", new Rates(20, 60, 1_000_000), new Rates(10, 40, NO_LIMIT), 20_000_000_000L, 100, 2, false, false, Holdings.NONE);

    /** To work with. */
    static final Tier PRO = new Tier("pro", new Rates(500, 1_500, 50_000_000), Rates.NONE, NO_LIMIT, 2_000, 20, true, true, Holdings.NONE);

    /**
     * How fast something may go.
     *
     * @param requests a second, and sessions of {@code tcp} and {@code tls} tunnels
     * @param burst so many at once after a rest
     * @param bytes a second, of bodies and sessions, both ways
     */
    public record Rates(long requests, long burst, long bytes) {
        static final Rates NONE = new Rates(NO_LIMIT, NO_LIMIT, NO_LIMIT);
    }

    static Tier unlimited(String name) {
        return new Tier(name, Rates.NONE, Rates.NONE, NO_LIMIT, NO_LIMIT, NO_LIMIT, true, true, Holdings.NONE);
    }
}
