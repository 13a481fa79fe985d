package tunnelforge.server.access;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import tunnelforge.log.Log;
import tunnelforge.net.Tasks;
import tunnelforge.net.Ticker;

/** Reads a file of accounts again when it changes, and keeps what they have moved this month. A file with a mistake changes nothing. */
public final class AccountsWatch implements Ticker.Ticked, AutoCloseable {
    private static final long LOOK_EVERY_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long KEEP_EVERY_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** Asks {@link Accounts} about the tunnels that there are. */
    public interface Review {
        /** {@code changed}: accounts are others than before; otherwise tokens may have expired. */
        void run(boolean changed);
    }

    private final WatchedFile file;
    private final String domain;
    private final Accounts accounts;
    private final MonthlyUsage usage;
    private final Tasks tasks;
    private final Ticker ticker;
    private final Audit audit;
    private final Log log;
    private final AtomicBoolean looking = new AtomicBoolean();
    private volatile Review review = changed -> { };
    private volatile long looked;
    /** By the task that looks. */
    private long kept;
    private String failure;

    /**
     * Watched by the ticker until {@link #close}.
     *
     * @param wall the time of day, by which tokens expire and months begin
     * @throws IOException when the file cannot be read, or has a mistake; the message names file, line and column
     */
    public AccountsWatch(Path path, String domain, Usage.Store store, Tasks tasks, Ticker ticker, InstantSource wall, Audit audit, Log log) throws IOException {
        this.file = new WatchedFile(path);
        this.domain = domain;
        this.tasks = tasks;
        this.ticker = ticker;
        this.audit = audit;
        this.log = log;
        usage = new MonthlyUsage(store, wall, log);
        AccountBook first = AccountsFile.read(path, domain);
        log.info("accounts_found", "the accounts file has " + counted(first), "file", path);
        accounts = new Accounts(domain, true, first, usage::count, ticker.clock(), wall, audit);
        looked = ticker.clock().nanos();
        kept = looked;
        ticker.add(this);
    }

    public Accounts accounts() {
        return accounts;
    }

    /** {@code review} is run again and again, by a task of its own. */
    public void onLook(Review review) {
        this.review = review;
    }

    @Override
    public void tick(long now) {
        if (now - looked >= LOOK_EVERY_NANOS && looking.compareAndSet(false, true)) {
            looked = now;
            try {
                tasks.start("accounts", this::look);
            } catch (Error e) {
                // No memory for a task: the next tick tries again.
                looking.set(false);
                throw e;
            }
        }
    }

    private void look() {
        try {
            review.run(file.hasChanged() && reload());
            accounts.sweep();
            if (looked - kept >= KEEP_EVERY_NANOS) {
                kept = looked;
                usage.keep(accounts.allowances());
            }
        } finally {
            looking.set(false);
        }
    }

    private boolean reload() {
        try {
            AccountBook now = AccountsFile.read(file.path(), domain);
            accounts.use(now);
            failure = null;
            String message = "the accounts file was read again: " + counted(now);
            log.info("accounts_loaded", message);
            audit.accounts("accounts_loaded", message);
            return true;
        } catch (IOException e) {
            if (!String.valueOf(e.getMessage()).equals(failure)) {
                failure = String.valueOf(e.getMessage());
                log.warn("accounts_kept", "the accounts file is not used as it is now; what was read before stays in force", "error", failure);
                audit.accounts("accounts_kept", failure);
            }
            return false;
        }
    }

    private static String counted(AccountBook book) {
        return book.size() + (book.size() == 1 ? " account" : " accounts");
    }

    @Override
    public void close() {
        ticker.remove(this);
        usage.keep(accounts.allowances());
    }
}
