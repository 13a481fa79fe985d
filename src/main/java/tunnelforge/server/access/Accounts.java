package tunnelforge.server.access;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import tunnelforge.log.Log;
import tunnelforge.net.Tasks;
import tunnelforge.net.Ticker;
import tunnelforge.text.AccessToken;
import tunnelforge.text.Digests;
import tunnelforge.wire.PublicAddress;
import tunnelforge.wire.TunnelError;
import tunnelforge.wire.TunnelProtocol;

/**
 * Who may open tunnels, and which. A file of accounts is read again when it changes; one with a mistake changes nothing. Without a file there is one account, which may have
 * everything.
 */
public final class Accounts implements Ticker.Ticked, AutoCloseable {
    private static final long LOOK_EVERY_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long KEEP_EVERY_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final String SOLE_ACCOUNT = "default";

    /**
     * What it works with.
     *
     * @param wall the time of day, by which tokens expire and months begin
     */
    public record Means(Tasks tasks, Ticker ticker, InstantSource wall, Audit audit, Log log) {
    }

    /** Null without a file. */
    private final WatchedFile file;
    private final String domain;
    private final Means means;
    private final MonthlyUsage usage;
    private final Guesses guesses;
    private final Map<String, Allowance> allowances = new ConcurrentHashMap<>();
    private final AtomicBoolean looking = new AtomicBoolean();
    private volatile AccountBook book;
    private volatile Runnable review = () -> { };
    private volatile long looked;
    /** By the task that looks. */
    private long kept;
    private String failure;

    private Accounts(WatchedFile file, String domain, AccountBook book, MonthlyUsage usage, Means means) {
        this.file = file;
        this.domain = domain;
        this.means = means;
        this.usage = usage;
        guesses = new Guesses(means.ticker.clock());
        looked = means.ticker.clock().nanos();
        kept = looked;
        use(book);
    }

    /** One account, for whoever has the token. */
    public static Accounts ofOne(String token, String domain, Means means) {
        Account sole = new Account(SOLE_ACCOUNT, Tier.UNLIMITED, Holdings.NONE, List.of(new Account.Token("1", hash(token), null, null)), Set.of());
        return new Accounts(null, domain, new AccountBook(List.of(), List.of(sole)), null, means);
    }

    /**
     * Those of a file. Watched by the ticker until {@link #close}.
     *
     * @throws IOException when it cannot be read, or has a mistake; the message names file, line and column
     */
    public static Accounts of(Path path, String domain, Usage.Store store, Means means) throws IOException {
        WatchedFile file = new WatchedFile(path);
        Accounts accounts = new Accounts(file, domain, AccountsFile.read(path), new MonthlyUsage(store, means.wall, means.log), means);
        means.ticker.add(accounts);
        return accounts;
    }

    /** Whether an account, a tier or a token may be called so. */
    public static boolean isName(String name) {
        return AccountsFile.isName(name);
    }

    /** Throws {@link IllegalArgumentException} for what is nothing that a token could be for, as {@code name:demo-*} and {@code port:20000-20010} are. */
    public static void checkUse(String use) {
        AccountsFile.use(use);
    }

    private void use(AccountBook now) {
        allowances.keySet().removeIf(name -> now.account(name) == null);
        for (Account account : now.accounts()) {
            allowances.computeIfAbsent(account.name(), name -> allowance(account)).tier(account.tier());
        }
        book = now;
    }

    private Allowance allowance(Account account) {
        Allowance made = new Allowance(account.name(), account.tier(), means.ticker.clock(), usage, means.audit::limited);
        if (usage != null) {
            made.moved(usage.before(account.name()));
        }
        return made;
    }

    /** {@code review} is run after each change, by a task of its own; it asks {@link #check} of each tunnel. */
    public void onChange(Runnable review) {
        this.review = review;
    }

    /** Whether accounts have names and limits of their own. */
    public boolean several() {
        return file != null;
    }

    // ---- Asked by whoever gives tunnels. ----

    /**
     * The account that a token, or a client certificate, stands for.
     *
     * @param token may be empty where the certificate is enough
     * @param certificateNames of a certificate that was verified; empty for none
     * @param from the agent's address
     * @throws Refusal when it is nobody's, or too many wrong ones have come from that address
     */
    public Grant authenticate(String token, Set<String> certificateNames, InetAddress from) throws Refusal {
        Duration wait = guesses.refusedFor(from);
        if (!wait.isZero()) {
            throw Refusal.until(TunnelError.LIMIT, "too many wrong tokens have come from this address; it may try again in " + wait.plusSeconds(1).toSeconds() + " s", wait);
        }
        try {
            Grant grant = authenticate(token, certificateNames);
            guesses.succeeded(from);
            return grant;
        } catch (Refusal e) {
            guesses.failed(from, hash(token));
            throw e;
        }
    }

    private Grant authenticate(String token, Set<String> certificateNames) throws Refusal {
        AccountBook now = book;
        AccountBook.Found found = token.isEmpty() ? now.byCertificate(certificateNames) : now.byToken(hash(token));
        if (found == null) {
            String problem = AccessToken.problem(token);
            throw Refusal.lasting(TunnelError.AUTH, token.isEmpty() ? "no token was shown, and no certificate that stands for an account"
                    : problem != null ? problem : "the token is not one of this server's");
        }
        Account account = found.account();
        Allowance allowance = allowances.get(account.name());
        Grant grant = token.isEmpty() ? Grant.byCertificate(allowance, certificateNames) : Grant.byToken(allowance, found.token());
        requireValid(found);
        if (!token.isEmpty() && !account.certificateNames().isEmpty() && account.certificateNames().stream().noneMatch(certificateNames::contains)) {
            throw Refusal.lasting(TunnelError.AUTH, "the token is for agents that also show one of the account's certificates");
        }
        return grant;
    }

    private void requireValid(AccountBook.Found found) throws Refusal {
        if (found.token() != null && !found.token().isValid(means.wall.instant())) {
            throw Refusal.lasting(TunnelError.AUTH, "the token has expired");
        }
    }

    /**
     * Whether an account may have a tunnel, now.
     *
     * @throws Refusal when it may not, or is no account any more
     */
    public void check(Grant grant, TunnelProtocol protocol, PublicAddress address) throws Refusal {
        AccountBook now = book;
        AccountBook.Found found = grant.in(now);
        if (found == null) {
            throw Refusal.lasting(TunnelError.AUTH, now.account(grant.account()) == null ? "the account has been removed" : "the token has been revoked");
        }
        requireValid(found);
        Tier tier = found.account().tier();
        if (protocol == TunnelProtocol.TCP && !tier.tcp() || protocol == TunnelProtocol.TLS && !tier.tls()) {
            throw Refusal.lasting(TunnelError.LIMIT, "accounts of tier " + tier.name() + " have no " + protocol + " tunnels");
        }
        switch (address) {
            case PublicAddress.Port(String host, int port) -> checkPort(now, found, port);
            case PublicAddress.Name(String host) -> checkName(now, found, label(host));
        }
    }

    /** Of a name below the domain its label; of another the whole. */
    private String label(String host) {
        return host.endsWith('.' + domain) ? host.substring(0, host.length() - domain.length() - 1) : host;
    }

    private void checkName(AccountBook now, AccountBook.Found found, String name) throws Refusal {
        boolean own = found.account().hasName(name);
        if (!own && now.isReservedName(name)) {
            throw Refusal.lasting(TunnelError.NAME_TAKEN, "the name " + name + " is reserved for others");
        }
        if (!own && several() && name.indexOf('.') >= 0) {
            throw Refusal.lasting(TunnelError.AUTH, "the host name " + name + " is not among the account's own");
        }
        if (found.token() != null && found.token().may() != null && !found.token().may().hasName(name)) {
            throw Refusal.lasting(TunnelError.AUTH, "this token is not for the name " + name);
        }
    }

    private static void checkPort(AccountBook now, AccountBook.Found found, int port) throws Refusal {
        if (!found.account().hasPort(port) && (found.account().hasPorts() || now.isReservedPort(port))) {
            throw Refusal.lasting(TunnelError.LIMIT, "port " + port + " is not one that this account may have");
        }
        if (found.token() != null && found.token().may() != null && !found.token().may().hasPort(port)) {
            throw Refusal.lasting(TunnelError.AUTH, "this token is not for port " + port);
        }
    }

    private static byte[] hash(String token) {
        return Digests.sha256(token.getBytes(StandardCharsets.UTF_8));
    }

    // ---- Looked after by the ticker. ----

    @Override
    public void tick(long now) {
        if (now - looked >= LOOK_EVERY_NANOS && looking.compareAndSet(false, true)) {
            looked = now;
            means.tasks.start("accounts", this::look);
        }
    }

    private void look() {
        try {
            if (file.hasChanged()) {
                reload();
            }
            // Also without a change: tokens expire.
            review.run();
            if (looked - kept >= KEEP_EVERY_NANOS) {
                kept = looked;
                usage.keep(allowances.values());
            }
        } finally {
            looking.set(false);
        }
    }

    private void reload() {
        try {
            AccountBook now = AccountsFile.read(file.path());
            use(now);
            failure = null;
            String message = "the accounts file was read again: " + now.size() + " accounts";
            means.log.info("accounts_loaded", message);
            means.audit.accounts("accounts_loaded", message);
        } catch (IOException e) {
            if (!String.valueOf(e.getMessage()).equals(failure)) {
                failure = String.valueOf(e.getMessage());
                means.log.warn("accounts_kept", "the accounts file is not used as it is now; what was read before stays in force", "error", failure);
                means.audit.accounts("accounts_kept", failure);
            }
        }
    }

    @Override
    public void close() {
        means.ticker.remove(this);
        if (usage != null) {
            usage.keep(allowances.values());
        }
    }
}
