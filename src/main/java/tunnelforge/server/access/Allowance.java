package tunnelforge.server.access;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
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

    /** Is told what an account was refused. */
    interface Listener {
        void limited(String account, String reason, Network visitor);
    }

    private final String account;
    private final Clock clock;
    private final Month month;
    private final Listener listener;
    private final TokenBucket requests;
    private final TokenBucket bytes;
    private final VisitorRates visitors;
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicLong moved = new AtomicLong();
    private volatile Tier tier;

    /** Knows when a month begins. */
    interface Month {
        Duration untilNext();
    }

    Allowance(String account, Tier tier, Clock clock, Month month, Listener listener) {
        this.account = account;
        this.tier = tier;
        this.clock = clock;
        this.month = month;
        this.listener = listener;
        long now = clock.nanos();
        requests = new TokenBucket(now);
        bytes = new TokenBucket(now);
        visitors = new VisitorRates(now);
    }

    String account() {
        return account;
    }

    Tier tier() {
        return tier;
    }

    /** Holds from now on, also for what is under way. */
    void tier(Tier now) {
        tier = now;
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
     * One comes.
     *
     * @param share of the visitor's address
     * @throws Refusal when they come too fast
     */
    public void admit(VisitorShare share) throws Refusal {
        Tier limits = tier;
        if (moved.get() >= limits.bytesPerMonth()) {
            throw limited("the tunnels of this account have moved as many bytes as they may in a month", share.network(), month.untilNext());
        }
        if (limits.visitor().requests() != Tier.NO_LIMIT) {
            long now = clock.nanos();
            VisitorRates.Buckets own = visitors.of(share.network(), now);
            take(own == null ? null : own.requests(), limits.visitor(), now, "visitors from your address ask more often than they may", share.network());
        }
        if (limits.all().requests() != Tier.NO_LIMIT) {
            take(requests, limits.all(), clock.nanos(), "the tunnels of this account are asked more often than they may be", share.network());
        }
    }

    private void take(TokenBucket from, Tier.Rates rates, long now, String reason, Network visitor) throws Refusal {
        long wait = from == null ? 0 : from.take(rates.requests(), rates.burst(), now);
        if (wait > 0) {
            throw limited(reason, visitor, Duration.ofNanos(wait));
        }
    }

    private Refusal limited(String reason, Network visitor, Duration wait) {
        listener.limited(account, reason, visitor);
        return Refusal.until(TunnelError.RATE_LIMITED, reason, wait);
    }

    /** It has begun; {@link #leave} is due. */
    public void enter(VisitorShare share) throws Refusal {
        if (connections.incrementAndGet() > tier.connections()) {
            connections.decrementAndGet();
            String reason = "the tunnels of this account have as many requests and sessions as they may at one time";
            listener.limited(account, reason, share.network());
            throw Refusal.passing(TunnelError.RATE_LIMITED, reason);
        }
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
     * @param share of the visitor's address
     * @return how many nanoseconds
     */
    public long spend(int count, VisitorShare share) {
        Tier limits = tier;
        moved.addAndGet(count);
        if (limits.all().bytes() == Tier.NO_LIMIT && limits.visitor().bytes() == Tier.NO_LIMIT) {
            return 0;
        }
        long now = clock.nanos();
        VisitorRates.Buckets own = limits.visitor().bytes() == Tier.NO_LIMIT ? null : visitors.of(share.network(), now);
        long wait = own == null ? 0 : own.bytes().spend(count, limits.visitor().bytes(), AHEAD_NANOS, now);
        return limits.all().bytes() == Tier.NO_LIMIT ? wait : Math.max(wait, bytes.spend(count, limits.all().bytes(), AHEAD_NANOS, now));
    }

    /** How many have moved this month. */
    long moved() {
        return moved.get();
    }

    /** Begins with what was counted before. */
    void moved(long before) {
        moved.set(before);
    }

    /** A new month has begun. */
    void startAnew() {
        moved.set(0);
    }
}
