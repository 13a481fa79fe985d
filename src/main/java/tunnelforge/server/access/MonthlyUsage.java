package tunnelforge.server.access;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import tunnelforge.log.Log;

/** Counts what accounts move in a month, and keeps it. For one task at a time. */
final class MonthlyUsage implements Allowance.Month {
    private final Usage.Store store;
    private final InstantSource wall;
    private final Log log;
    /** Of all accounts there ever were in this month. */
    private final Map<String, Long> bytes = new HashMap<>();
    private YearMonth month;
    private boolean failed;

    MonthlyUsage(Usage.Store store, InstantSource wall, Log log) throws IOException {
        this.store = store;
        this.wall = wall;
        this.log = log;
        month = now();
        Usage kept = store.read();
        if (kept != null && kept.month().equals(month)) {
            bytes.putAll(kept.bytes());
        }
    }

    /** What an account has moved before this server started. */
    long before(String account) {
        return bytes.getOrDefault(account, 0L);
    }

    /** Keeps what there is now, where that is something new. */
    void keep(Collection<Allowance> accounts) {
        boolean changed = !month.equals(now());
        if (changed) {
            month = now();
            bytes.clear();
            accounts.forEach(Allowance::startAnew);
        }
        for (Allowance account : accounts) {
            long moved = account.moved();
            changed |= !Long.valueOf(moved).equals(bytes.put(account.account(), moved));
        }
        if (changed || failed) {
            write();
        }
    }

    private void write() {
        try {
            store.write(new Usage(month, Map.copyOf(bytes)));
            failed = false;
        } catch (IOException e) {
            if (!failed) {
                log.warn("usage_not_kept", "how much the accounts have moved this month cannot be kept; after a restart they begin with what was kept last", "error", e.getMessage());
            }
            failed = true;
        }
    }

    @Override
    public Duration untilNext() {
        return Duration.between(wall.instant(), now().plusMonths(1).atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant());
    }

    private YearMonth now() {
        Instant instant = wall.instant();
        return YearMonth.from(instant.atOffset(ZoneOffset.UTC));
    }
}
