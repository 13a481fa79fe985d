package tunnelforge.server.access;

import java.io.IOException;
import java.time.InstantSource;
import java.time.YearMonth;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import tunnelforge.log.Log;

/** Keeps what accounts move in a month while the server does not run. For one task at a time. */
final class MonthlyUsage {
    private final Usage.Store store;
    private final InstantSource wall;
    private final Log log;
    private Usage kept;
    private boolean failed;

    MonthlyUsage(Usage.Store store, InstantSource wall, Log log) throws IOException {
        this.store = store;
        this.wall = wall;
        this.log = log;
        Usage before = store.read();
        YearMonth now = MonthCount.monthOf(wall.instant());
        // What is of a later month was right: the clock is behind, as it may be until the network has told it.
        kept = before == null || before.month().isBefore(now) ? new Usage(now, Map.of()) : before;
    }

    /** Goes on where an account has stopped. */
    MonthCount count(String account) {
        return new MonthCount(kept.month(), kept.bytes().getOrDefault(account, 0L));
    }

    /** Keeps what there is now, where that is something new. */
    void keep(Collection<Allowance> accounts) {
        long now = wall.millis();
        YearMonth month = accounts.stream().map(account -> account.month(now)).max(YearMonth::compareTo).orElse(kept.month());
        // Those too that have left the file: they may be there again.
        Map<String, Long> bytes = new HashMap<>(month.equals(kept.month()) ? kept.bytes() : Map.of());
        accounts.stream().filter(account -> account.month(now).equals(month)).forEach(account -> bytes.put(account.account(), account.moved(now)));
        Usage usage = new Usage(month, bytes);
        if (!usage.equals(kept) || failed) {
            write(usage);
        }
    }

    private void write(Usage usage) {
        try {
            store.write(usage);
            kept = usage;
            failed = false;
        } catch (IOException e) {
            if (!failed) {
                log.warn("usage_not_kept", "how much the accounts have moved this month cannot be kept; after a restart they begin with what was kept last", "error", e.getMessage());
            }
            failed = true;
        }
    }
}
