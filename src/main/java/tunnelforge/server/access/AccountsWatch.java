package tunnelforge.server.access;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import tunnelforge.cli.Launch;
import tunnelforge.log.Log;
import tunnelforge.net.FileStamp;
import tunnelforge.net.Errand;
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

    private final Path file;
    private final String domain;
    private final Accounts accounts;
    private final MonthlyUsage usage;
    private final Ticker ticker;
    private final Audit audit;
    private final Log log;
    private final Errand errand;
    private volatile Review review = changed -> { };
    private volatile long looked;
    /** By the task that looks. */
    private long kept;
    private FileStamp stamp;
    /** Accounts are others than those that all tunnels were last asked about. */
    private boolean changed;
    /** Why the last look was in vain; null when it was not. */
    private String failure;

    /**
     * Watched by the ticker until {@link #close}.
     *
     * @param wall the time of day, by which tokens expire and months begin
     * @throws IOException when the file cannot be read, or has a mistake; the message names file, line and column
     */
    public AccountsWatch(Path path, String domain, Usage.Store store, Tasks tasks, Ticker ticker, InstantSource wall, Audit audit, Log log) throws IOException {
        this.file = path;
        this.domain = domain;
        this.errand = new Errand("accounts", tasks, this::look);
        this.ticker = ticker;
        this.audit = audit;
        this.log = log;
        usage = new MonthlyUsage(store, wall, log);
        stamp = FileStamp.of(path);
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
        if (now - looked >= LOOK_EVERY_NANOS) {
            looked = now;
            errand.begin();
        }
    }

    private void look() {
        try {
            reload();
            review.run(changed);
            changed = false;
        } finally {
            keep();
        }
    }

    private void reload() {
        try {
            FileStamp now = FileStamp.of(file);
            if (!now.equals(stamp)) {
                AccountBook read = AccountsFile.read(file, domain);
                accounts.use(read);
                stamp = now;
                changed = true;
                String message = "the accounts file was read again: " + counted(read);
                log.info("accounts_loaded", message);
                audit.accounts("accounts_loaded", message);
            }
            failure = null;
        } catch (IOException e) {
            String reason = Launch.describe(e);
            if (!reason.equals(failure)) {
                failure = reason;
                log.warn("accounts_kept", "the accounts file is not used as it is now; what was read before stays in force", "error", reason);
                audit.accounts("accounts_kept", reason);
            }
        }
    }

    private void keep() {
        accounts.sweep();
        if (looked - kept >= KEEP_EVERY_NANOS) {
            kept = looked;
            usage.keep(accounts.allowances());
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
