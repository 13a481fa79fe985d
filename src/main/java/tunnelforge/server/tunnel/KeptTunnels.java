package tunnelforge.server.tunnel;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import tunnelforge.json.JsonArray;
import tunnelforge.json.JsonException;
import tunnelforge.json.JsonObject;
import tunnelforge.json.JsonValue;
import tunnelforge.log.Log;
import tunnelforge.net.Errand;
import tunnelforge.net.Tasks;
import tunnelforge.net.Ticker;

/**
 * Which tunnels there are, for the next run of the server. The ticker looks for changes, and a task of its own writes them, so that no visitor and no agent waits for a disk;
 * a server that is killed has written what was half a second ago.
 */
public final class KeptTunnels implements Ticker.Ticked, AutoCloseable {
    private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** Where it is kept while the server does not run. */
    public interface Store {
        /** What was written last; null for nothing. */
        JsonObject read() throws IOException;

        /** Replaces what was there. */
        void write(JsonObject tunnels) throws IOException;
    }

    private final Store store;
    private final String domain;
    private final TunnelDirectory directory;
    private final Ticker ticker;
    private final Log log;
    private final Instant begun;
    private final long begunNanos;
    private final Set<KeptTunnel> lastRun;
    private final Errand errand;
    /** For whoever writes. */
    private final ReentrantLock lock = new ReentrantLock();
    /** Null when it is not known what is there. */
    private volatile Set<KeptTunnel> written;
    private boolean failed;
    private boolean closed;
    private long looked;

    /**
     * Watched by the ticker from {@link #begin} on.
     *
     * @param domain of the server; tunnels of another are not this one's
     * @param wall the time of day
     */
    public KeptTunnels(Store store, String domain, TunnelDirectory directory, Tasks tasks, Ticker ticker, InstantSource wall, Log log) {
        this.store = store;
        this.domain = domain;
        this.directory = directory;
        this.errand = new Errand("kept tunnels", tasks, this::write);
        this.ticker = ticker;
        this.log = log;
        begun = wall.instant();
        begunNanos = ticker.clock().nanos();
        looked = begunNanos;
        lastRun = read();
    }

    private Set<KeptTunnel> read() {
        try {
            JsonObject json = store.read();
            written = json == null ? Set.of() : parse(json);
            return json == null || !json.string("domain").equals(domain) ? Set.of() : written;
        } catch (IOException e) {
            log.warn("kept_tunnels_unread", "which tunnels the last run had cannot be read: their names are free for anybody", "error", e.getMessage());
            return Set.of();
        }
    }

    private static Set<KeptTunnel> parse(JsonObject json) throws JsonException {
        List<JsonValue> all = json.arrayOrEmpty("tunnels");
        if (all.size() > ServerLimits.MAX_TUNNELS) {
            throw new JsonException("there are " + all.size() + " tunnels; the limit is " + ServerLimits.MAX_TUNNELS);
        }
        Set<KeptTunnel> tunnels = new HashSet<>();
        for (JsonValue each : all) {
            if (!(each instanceof JsonObject tunnel)) {
                throw new JsonException("a tunnel is no object");
            }
            tunnels.add(KeptTunnel.parse(tunnel));
        }
        return tunnels;
    }

    /** Those that the last run had at its end. */
    Set<KeptTunnel> ofLastRun() {
        return lastRun;
    }

    /** For how long the agent of one of them had been away when this run began; what passed in between counts only where it was away already. */
    Duration awayFor(KeptTunnel tunnel) {
        Duration away = tunnel.awaySince() == null ? Duration.ZERO : Duration.between(tunnel.awaySince(), begun);
        return away.isNegative() ? Duration.ZERO : away;
    }

    /** From now on what changes is written. */
    public void begin() {
        ticker.add(this);
    }

    @Override
    public void tick(long now) {
        if (now - looked < LOOK_EVERY_NANOS || errand.isUnderWay()) {
            return;
        }
        looked = now;
        if (!tunnels().equals(written)) {
            errand.begin();
        }
    }

    /** Whether a task writes at this moment. */
    public boolean isWriting() {
        return errand.isUnderWay();
    }

    private Set<KeptTunnel> tunnels() {
        return directory.tunnels().stream().map(this::kept).collect(Collectors.toSet());
    }

    private KeptTunnel kept(Tunnel tunnel) {
        Long away = tunnel.awaySince();
        return new KeptTunnel(tunnel.id(), tunnel.address(), tunnel.protocol(), tunnel.grant().account(), tunnel.agentDigest(),
                away == null ? null : begun.plusNanos(away - begunNanos).truncatedTo(ChronoUnit.MILLIS));
    }

    private void write() {
        lock.lock();
        try {
            Set<KeptTunnel> now = tunnels();
            if (!closed && !now.equals(written)) {
                store.write(JsonObject.builder().put("domain", domain).put("tunnels", new JsonArray(now.stream().map(tunnel -> (JsonValue) tunnel.toJson()).toList())).build());
                written = now;
                failed = false;
            }
        } catch (IOException e) {
            if (!failed) {
                log.warn("tunnels_not_kept", "which tunnels there are cannot be written down; after a restart their names are free for anybody", "error", e.getMessage());
            }
            failed = true;
        } finally {
            lock.unlock();
        }
    }

    /** Writes what there is now, which the next run is to know; nothing is written after that. */
    @Override
    public void close() {
        ticker.remove(this);
        lock.lock();
        try {
            write();
            closed = true;
        } finally {
            lock.unlock();
        }
    }
}
