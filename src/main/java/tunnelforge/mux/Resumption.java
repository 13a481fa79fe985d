package tunnelforge.mux;

import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.ConcurrentHashMap;
import tunnelforge.net.Clock;
import tunnelforge.net.Ledger;
import tunnelforge.net.Ticker;
import tunnelforge.wire.Limits;

/**
 * What an agent remembers of one tunnel's data connections, so that a request that the server sends again is run once and answered once. A connection that was lost is
 * remembered for {@link #FORGOTTEN_AFTER}, and {@link #MAX_CONNECTIONS} at most: for a request of an older one nobody can say whether it has run.
 */
public final class Resumption implements Ticker.Ticked, AutoCloseable {
    /** A little longer than a server waits for an agent. */
    static final Duration FORGOTTEN_AFTER = Limits.GRACE.plusSeconds(5);
    static final int MAX_CONNECTIONS = 1_000;

    private final ConcurrentHashMap<String, HeldExchanges> connections = new ConcurrentHashMap<>();
    private final Ledger memory;
    /** Null where none is kept. */
    private volatile Journal journal;
    private final Ticker ticker;
    private final Clock clock;

    /**
     * Watched by the ticker until {@link #close}.
     *
     * @param memory for answers that the server may not have
     */
    public Resumption(Ledger memory, Ticker ticker) {
        this.memory = memory;
        this.ticker = ticker;
        this.clock = ticker.clock();
        ticker.add(this);
    }

    /** Learns of the agent's last process, and tells its next one; before the first data connection. {@code kept}: null where none is. */
    public void writesTo(Journal kept) {
        journal = kept;
        if (kept != null) {
            for (Journal.Record record : kept.ofLastProcess()) {
                HeldExchanges held = HeldExchanges.ofLastProcess(record);
                held.lost(clock.nanos());
                connections.put(held.connectionId(), held);
            }
        }
    }

    /** Whether it knows of the agent's last process what that has not run. */
    public boolean knowsLastProcess() {
        return journal != null;
    }

    /** For answers that the server may not have. */
    public Ledger memory() {
        return memory;
    }

    /** From now on a server may send requests on this data connection, and lose it before any has come. */
    public void expect(String connectionId) {
        begin(connectionId);
    }

    /** It was not agreed on, as far as is known here. */
    public void neverBegan(String connectionId) {
        HeldExchanges held = connections.get(connectionId);
        if (held != null) {
            lost(held);
        }
    }

    /** A data connection begins. */
    HeldExchanges begin(String connectionId) {
        return connections.computeIfAbsent(connectionId, id -> new HeldExchanges(id, journal == null ? null : journal.begin(id)));
    }

    /** It has ended. */
    void lost(HeldExchanges held) {
        held.lost(clock.nanos());
        if (connections.size() > MAX_CONNECTIONS) {
            connections.values().stream().filter(HeldExchanges::isLost).min(Comparator.comparingLong(HeldExchanges::lostAt)).ifPresent(this::forget);
        }
    }

    /** Null for one that is not remembered. */
    HeldExchanges find(String connectionId) {
        return connections.get(connectionId);
    }

    @Override
    public void tick(long now) {
        tick(now, FORGOTTEN_AFTER.toNanos());
    }

    private void tick(long now, long nanos) {
        for (HeldExchanges held : connections.values()) {
            if (held.isLost(nanos, now)) {
                held.lostFor(nanos, now).forEach(Exchange::giveUp);
                if (held.forget()) {
                    connections.remove(held.connectionId());
                }
            }
        }
    }

    /** No data connection will come any more: what was lost cannot be asked for again. */
    public void forgetLost() {
        tick(clock.nanos(), 0);
    }

    @Override
    public void close() {
        ticker.remove(this);
        connections.values().forEach(this::forget);
    }

    private void forget(HeldExchanges held) {
        connections.remove(held.connectionId());
        held.takeAll().forEach(Exchange::giveUp);
    }
}
