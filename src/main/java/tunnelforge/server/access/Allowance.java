package tunnelforge.server.access;

import java.time.Duration;
import java.time.InstantSource;
import java.time.YearMonth;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import tunnelforge.net.Clock;
import tunnelforge.wire.TunnelError;

/** What one account may have, and what it has at this moment: its tunnels' visitors ask it. Any task may call it, nothing waits and nothing locks. */
public final class Allowance {
    /** So much of a rate in bytes may be used ahead at once. */
    private static final long AHEAD_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    /** A piece is what a rate gives in such a time, shared by those who want one. */
    private static final int PIECES_PER_SECOND = 20;
    private static final int LEAST_PIECE = 1024;
    private static final int LARGEST_PIECE = 64 * 1024;
    private static final String MONTH_IS_USED_UP = "the tunnels of this account have moved as many bytes as they may in a month";

    /** Is told what an account was refused. */
    interface Listener {
        void limited(String account, String reason, Network visitor);
    }

    /** What those of all accounts have in common. */
    record Means(Clock clock, InstantSource wall, VisitorRates visitors, Listener listener) {
    }

    private final String account;
    private final Means means;
    private final Clock clock;
    private final MonthCount moved;
    private final AtomicInteger connections = new AtomicInteger();
    private volatile Tier tier;
    /** Others when the rates are: what is owed at a rate is a time, which may have become too long by far. */
    private volatile VisitorRates.Buckets all;

    /** {@code moved}: what it has moved this month already. */
    Allowance(String account, Tier tier, MonthCount moved, Means means) {
        this.account = account;
        this.tier = tier;
        this.moved = moved;
        this.means = means;
        clock = means.clock;
        all = new VisitorRates.Buckets(clock.nanos());
    }

    /** The account's name. */
    public String account() {
        return account;
    }

    /** Holds from now on, also for what is under way. */
    void tier(Tier now) {
        Tier before = tier;
        tier = now;
        if (!now.all().equals(before.all()) || !now.visitor().equals(before.visitor())) {
            means.visitors.forget(account);
            all = new VisitorRates.Buckets(clock.nanos());
        }
    }

    /** Stands for the rates as they are now, compared by identity: what is owed at others need not be waited for. */
    public Object rates() {
        return all;
    }

    /** Throws {@link Refusal} when so many tunnels are too many for this account; {@code oneIsAway}: there may soon be one less. */
    public void requireRoomFor(long tunnels, boolean oneIsAway) throws Refusal {
        Tier limits = tier;
        if (tunnels > limits.tunnels()) {
            String reason = "this account has " + limits.tunnels() + " tunnels, which is the limit of tier " + limits.name();
            throw oneIsAway ? Refusal.passing(TunnelError.LIMIT, reason) : Refusal.lasting(TunnelError.LIMIT, reason);
        }
    }

    // ---- Requests and sessions. ----

    /**
     * One comes; {@link #leave} is due.
     *
     * @param visitor for whom it is
     * @throws Refusal when they come too fast, or there are too many
     */
    public void enter(Network visitor) throws Refusal {
        Tier limits = tier;
        if (isMonthUsedUp(limits)) {
            throw limited(MONTH_IS_USED_UP, visitor, moved.untilNext(means.wall.millis()));
        }
        if (limits.visitor().requests() != Tier.NO_LIMIT) {
            long now = clock.nanos();
            VisitorRates.Buckets own = means.visitors.of(account, visitor, now);
            take(own == null ? null : own.requests(), limits.visitor(), now, "visitors from your address ask more often than they may", visitor);
        }
        if (limits.all().requests() != Tier.NO_LIMIT) {
            take(all.requests(), limits.all(), clock.nanos(), "the tunnels of this account are asked more often than they may be", visitor);
        }
        if (connections.incrementAndGet() > limits.connections()) {
            connections.decrementAndGet();
            throw limited("the tunnels of this account have as many requests and sessions as they may at one time", visitor, null);
        }
    }

    private void take(TokenBucket from, Tier.Rates rates, long now, String reason, Network visitor) throws Refusal {
        long wait = from == null ? 0 : from.take(rates.requests(), rates.burst(), now);
        if (wait > 0) {
            throw limited(reason, visitor, Duration.ofNanos(wait));
        }
    }

    private Refusal limited(String reason, Network visitor, Duration wait) {
        means.listener.limited(account, reason, visitor);
        return wait == null ? Refusal.passing(TunnelError.RATE_LIMITED, reason) : Refusal.until(TunnelError.RATE_LIMITED, reason, wait);
    }

    public void leave() {
        connections.decrementAndGet();
    }

    // ---- Bytes. ----

    /** Whether bytes are counted. */
    public boolean metered() {
        return tier != Tier.UNLIMITED;
    }

    /** How many bytes are best moved at once, so that others get their turn. */
    public int piece() {
        Tier limits = tier;
        long rate = Math.min(limits.all().bytes() / Math.max(1, connections.get()), limits.visitor().bytes());
        return Math.clamp(rate / PIECES_PER_SECOND, LEAST_PIECE, LARGEST_PIECE);
    }

    /**
     * So many bytes move. All are counted at once; whoever moves them waits first.
     *
     * @param visitor for whom it is
     * @return until when, by {@link #nanos}
     * @throws Refusal when the month is used up
     */
    public long spend(int count, Network visitor) throws Refusal {
        Tier limits = tier;
        if (moved.add(count, means.wall.millis()) - count >= limits.bytesPerMonth()) {
            throw limited(MONTH_IS_USED_UP, visitor, moved.untilNext(means.wall.millis()));
        }
        long now = clock.nanos();
        long wait = 0;
        if (limits.visitor().bytes() != Tier.NO_LIMIT) {
            VisitorRates.Buckets own = means.visitors.of(account, visitor, now);
            wait = own == null ? 0 : own.bytes().spend(count, limits.visitor().bytes(), AHEAD_NANOS, now);
        }
        if (limits.all().bytes() != Tier.NO_LIMIT) {
            wait = Math.max(wait, all.bytes().spend(count, limits.all().bytes(), AHEAD_NANOS, now));
        }
        return now + wait;
    }

    /** Counts what moves all the same: who moves something next waits for it, or is refused. */
    public void count(int bytes, Network visitor) {
        try {
            spend(bytes, visitor);
        } catch (Refusal e) {
            // It is counted, and was told.
        }
    }

    /** The time by which {@link #spend} says how long to wait. */
    public long nanos() {
        return clock.nanos();
    }

    private boolean isMonthUsedUp(Tier limits) {
        return limits.bytesPerMonth() != Tier.NO_LIMIT && moved.bytes(means.wall.millis()) >= limits.bytesPerMonth();
    }

    /** How many have moved this month; {@code millis}: the time of day. */
    long moved(long millis) {
        return moved.bytes(millis);
    }

    /** The month that they are of. */
    YearMonth month(long millis) {
        return moved.month(millis);
    }
}
