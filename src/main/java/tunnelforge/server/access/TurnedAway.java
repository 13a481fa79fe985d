package tunnelforge.server.access;

import java.net.InetAddress;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tunnelforge.log.Log;
import tunnelforge.net.Ticker;
import tunnelforge.text.Addresses;

/**
 * Tells of connections that come to nothing, of which a public port gets many, without a line for each: the first after a quiet minute is told
 * at once, those that follow are counted and told together once a minute. At level debug each has its line as well. Any task may call it.
 */
public final class TurnedAway implements Ticker.Ticked, AutoCloseable {
    /** Of as many the addresses are told apart. */
    static final int MAX_ADDRESSES = 1_000;

    private static final long MINUTE_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final String event;
    private final String who;
    private final Ticker ticker;
    private final Log log;
    /** Since the program began, by kind. */
    private final Map<String, LongAdder> told = new ConcurrentHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    /** Null after a quiet minute. */
    private Minute minute;

    /** What has been counted since {@code began}. Kinds are names of events, so they are few. */
    private static final class Minute {
        private final long began;
        private final Map<String, Integer> kinds = new TreeMap<>();
        private final Set<String> addresses = new HashSet<>();
        private int count;
        private String peer;
        private String reason;

        Minute(long began) {
            this.began = began;
        }
    }

    /**
     * Watched by the ticker until it is closed.
     *
     * @param event of the line that tells of many
     * @param who they are, for a person, in the plural
     */
    public TurnedAway(String event, String who, Ticker ticker, Log log) {
        this.event = event;
        this.who = who;
        this.ticker = ticker;
        this.log = log;
        ticker.add(this);
    }

    /**
     * Tells of one, now or together with others.
     *
     * @param kind the event's name; one of a few
     * @param reason for a person
     * @param namesAndValues further fields
     */
    public void tell(String kind, String reason, InetAddress from, Object... namesAndValues) {
        told.computeIfAbsent(kind, first -> new LongAdder()).increment();
        String peer = Addresses.text(from);
        if (count(kind, reason, peer)) {
            log.info(kind, reason, fields(peer, namesAndValues));
        } else {
            log.debug(kind, reason, fields(peer, namesAndValues));
        }
    }

    /** How many have been told of since the program began, by kind, in the order of the kinds. */
    public Map<String, Long> told() {
        Map<String, Long> counts = new TreeMap<>();
        told.forEach((kind, count) -> counts.put(kind, count.sum()));
        return counts;
    }

    private static Object[] fields(String peer, Object... more) {
        return Stream.concat(Stream.of("peer", peer), Stream.of(more)).toArray();
    }

    /** True when it is the first. */
    private boolean count(String kind, String reason, String peer) {
        lock.lock();
        try {
            if (minute == null) {
                minute = new Minute(ticker.clock().nanos());
                return true;
            }
            minute.count++;
            minute.kinds.merge(kind, 1, Integer::sum);
            if (minute.addresses.size() < MAX_ADDRESSES) {
                minute.addresses.add(peer);
            }
            minute.peer = peer;
            minute.reason = reason;
            return false;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void tick(long now) {
        Minute over;
        lock.lock();
        try {
            if (minute == null || now - minute.began < MINUTE_NANOS) {
                return;
            }
            over = minute;
            minute = over.count == 0 ? null : new Minute(now);
        } finally {
            lock.unlock();
        }
        report(over);
    }

    private void report(Minute over) {
        if (over.count == 0) {
            return;
        }
        int addresses = over.addresses.size();
        String kinds = over.kinds.entrySet().stream().map(kind -> kind.getValue() + " " + kind.getKey()).collect(Collectors.joining(", "));
        log.info(event, over.count + " more connections of " + who + " were refused in a minute (" + kinds + "), from "
                        + (addresses == MAX_ADDRESSES ? MAX_ADDRESSES + " addresses or more" : addresses == 1 ? "one address" : addresses + " addresses")
                        + "; the last one: " + over.reason, "count", over.count, "kinds", kinds, "addresses", addresses, "peer", over.peer);
    }

    /** Tells of those that it has counted so far. */
    @Override
    public void close() {
        ticker.remove(this);
        Minute over;
        lock.lock();
        try {
            over = minute;
            minute = null;
        } finally {
            lock.unlock();
        }
        if (over != null) {
            report(over);
        }
    }
}
