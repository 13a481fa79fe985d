package tunnelforge.server.access;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import tunnelforge.cli.Launch;
import tunnelforge.log.Log;
import tunnelforge.net.Clock;
import tunnelforge.net.Recurring;
import tunnelforge.net.Tasks;
import tunnelforge.net.Ticker;
import tunnelforge.net.WatchedFile;

/** Reads a file of accounts again when it changes, and keeps what they have moved this month. A file with a mistake changes nothing. */
public final class AccountsWatch implements AutoCloseable {
    private static final Duration LOOK_EVERY = Duration.ofSeconds(2);
    private static final long KEEP_EVERY_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** Asks {@link Accounts} about the tunnels that there are. */
    public interface Review {
        /** {@code changed}: accounts are others than before; otherwise tokens may have expired. */
        void run(boolean changed);
    }

    private final Path file;
    private final String domain;
    private final Accounts accounts;
    private final MonthlyUsage usage;
    private final Clock clock;
    private final Audit audit;
    private final Log log;
    private final WatchedFile watched;
    private final Recurring looking;
    private volatile Review review = changed -> { };
    /** By the task that looks. */
    private long kept;
    /** Accounts are others than those that all tunnels were last asked about. */
    private boolean changed;

    /**
     * Watched by the ticker until {@link #close}.
     *
     * @param wall the time of day, by which tokens expire and months begin
     * @throws IOException when the file cannot be read, or has a mistake; the message names file, line and column
     */
    public AccountsWatch(Path path, String domain, Usage.Store store, Tasks tasks, Ticker ticker, InstantSource wall, Audit audit, Log log) throws IOException {
        this.file = path;
        this.domain = domain;
        this.clock = ticker.clock();
        this.audit = audit;
        this.log = log;
        usage = new MonthlyUsage(store, wall, log);
        watched = new WatchedFile(path);
        AccountBook first = AccountsFile.read(path, domain);
        log.info("accounts_found", "the accounts file has " + counted(first), "file", path);
        accounts = new Accounts(domain, true, first, usage::count, ticker.clock(), wall, audit);
        kept = clock.nanos();
        looking = new Recurring("accounts", LOOK_EVERY, this::look, tasks, ticker);
    }

    public Accounts accounts() {
        return accounts;
    }

    /** {@code review} is run again and again, by a task of its own. */
    public void onLook(Review review) {
        this.review = review;
    }

    private void look() {
        try {
            watched.look(this::reload, this::unread);
            review.run(changed);
            changed = false;
        } finally {
            keep();
        }
    }

    private void reload() throws IOException {
        AccountBook read = AccountsFile.read(file, domain);
        accounts.use(read);
        changed = true;
        String message = "the accounts file was read again: " + counted(read);
        log.info("accounts_loaded", message);
        audit.accounts("accounts_loaded", message);
    }

    private void unread(IOException e) {
        String reason = Launch.describe(e);
        log.warn("accounts_kept", "the accounts file is not used as it is now; what was read before stays in force", "error", reason);
        audit.accounts("accounts_kept", reason);
    }

    private void keep() {
        accounts.sweep();
        long now = clock.nanos();
        if (now - kept >= KEEP_EVERY_NANOS) {
            kept = now;
            usage.keep(accounts.allowances());
        }
    }

    private static String counted(AccountBook book) {
        return book.size() + (book.size() == 1 ? " account" : " accounts");
    }

    @Override
    public void close() {
        looking.close();
        usage.keep(accounts.allowances());
    }
}
