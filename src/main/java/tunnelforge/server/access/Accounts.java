package tunnelforge.server.access;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.time.YearMonth;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import tunnelforge.net.Clock;
import tunnelforge.text.AccessToken;
import tunnelforge.text.Digests;
import tunnelforge.wire.PublicAddress;
import tunnelforge.wire.TunnelError;
import tunnelforge.wire.TunnelProtocol;

/** Who may open tunnels, and which. {@link AccountsWatch} replaces all of them when their file changes; without a file there is one account, which may have everything. */
public final class Accounts {
    private static final String SOLE_ACCOUNT = "default";
    private static final int MAX_GUESSERS = 1_000;

    private final String domain;
    private final boolean several;
    private final InstantSource wall;
    private final Guesses guesses;
    private final Allowance.Means means;
    private final Function<String, MonthCount> counts;
    /** Of all accounts there have been: one that is there again goes on where it was. */
    private final Map<String, Allowance> allowances = new ConcurrentHashMap<>();
    private volatile AccountBook book;

    Accounts(String domain, boolean several, AccountBook book, Function<String, MonthCount> counts, Clock clock, InstantSource wall, Audit audit) {
        this.domain = domain;
        this.several = several;
        this.wall = wall;
        this.counts = counts;
        this.guesses = new Guesses(clock, MAX_GUESSERS);
        this.means = new Allowance.Means(clock, wall, new VisitorRates(clock), audit::limited);
        use(book);
    }

    /**
     * One account, for whoever has the token.
     *
     * @param wall the time of day, by which tokens expire and months begin
     */
    public static Accounts ofOne(String token, String domain, Clock clock, InstantSource wall, Audit audit) {
        Account sole = new Account(SOLE_ACCOUNT, Tier.UNLIMITED, Holdings.NONE, List.of(new Account.Token("1", hash(token), null, null)), Set.of(), false);
        YearMonth month = MonthCount.monthOf(wall.instant());
        return new Accounts(domain, false, new AccountBook(List.of(), List.of(sole)), name -> new MonthCount(month, 0), clock, wall, audit);
    }

    /** Whether an account, a tier or a token may be called so. */
    public static boolean isName(String name) {
        return AccountsFile.isName(name);
    }

    /** Throws {@link IllegalArgumentException} for what is nothing that a token could be for, as {@code name:demo-*} and {@code port:20000-20010} are. */
    public static void checkUse(String use) {
        Holdings.ofUses(List.of(use), "");
    }

    /** From now on these. */
    void use(AccountBook now) {
        for (Account account : now.accounts()) {
            allowances.computeIfAbsent(account.name(), name -> new Allowance(name, account.tier(), counts.apply(name), means)).tier(account.tier());
        }
        book = now;
    }

    Collection<Allowance> allowances() {
        return allowances.values();
    }

    /** Forgets visitors' addresses that have rested. */
    void sweep() {
        means.visitors().sweep(means.clock().nanos());
    }

    // ---- Who it is. ----

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
        AccountBook now = book;
        AccountBook.Found found = token.isEmpty() ? byCertificate(now, certificateNames) : now.byToken(hash(token));
        if (found == null) {
            guesses.failed(from, hash(token));
            throw Refusal.lasting(TunnelError.AUTH, nobodys(token));
        }
        guesses.succeeded(from);
        Allowance allowance = allowances.get(found.account().name());
        Grant grant = token.isEmpty() ? Grant.byCertificate(allowance, certificateNames) : Grant.byToken(allowance, found.token(), certificateNames);
        requireValid(grant, found);
        return grant;
    }

    private static AccountBook.Found byCertificate(AccountBook book, Set<String> names) throws Refusal {
        List<Account> named = book.byCertificate(names);
        if (named.size() > 1) {
            throw Refusal.lasting(TunnelError.AUTH, "the certificate has names of several accounts: a token must say which is meant");
        }
        if (named.isEmpty()) {
            return null;
        }
        if (!named.getFirst().certificateAlone()) {
            throw Refusal.lasting(TunnelError.AUTH, "the account asks for a token beside the certificate");
        }
        return new AccountBook.Found(named.getFirst(), null);
    }

    /**
     * For a tunnel that an account had before the server was restarted, until its agent is back.
     *
     * @throws Refusal when there is no such account any more
     */
    public Grant ofLastRun(String account) throws Refusal {
        if (book.account(account) == null) {
            throw Refusal.lasting(TunnelError.AUTH, "the account has been removed");
        }
        return Grant.ofLastRun(allowances.get(account));
    }

    private static String nobodys(String token) {
        if (token.isEmpty()) {
            return "no token was shown, and no certificate that stands for an account";
        }
        String problem = AccessToken.problem(token);
        return problem != null ? problem : "the token is not one of this server's";
    }

    private static byte[] hash(String token) {
        return Digests.sha256(token.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Whether a grant is still good for anything.
     *
     * @throws Refusal when the account or the token is not there any more, or has expired
     */
    public void requireValid(Grant grant) throws Refusal {
        found(grant);
    }

    private AccountBook.Found found(Grant grant) throws Refusal {
        AccountBook now = book;
        AccountBook.Found found = grant.in(now);
        if (found == null) {
            throw Refusal.lasting(TunnelError.AUTH, now.account(grant.account()) == null ? "the account has been removed"
                    : grant.isByCertificate() ? "the certificate alone does not stand for the account any longer" : "the token has been revoked");
        }
        requireValid(grant, found);
        return found;
    }

    private void requireValid(Grant grant, AccountBook.Found found) throws Refusal {
        if (found.token() != null && !found.token().isValid(wall.instant())) {
            throw Refusal.lasting(TunnelError.AUTH, "the token has expired");
        }
        Account account = found.account();
        if (!grant.isOfLastRun() && !account.certificateNames().isEmpty() && !account.hasCertificate(grant.certificateNames())) {
            throw Refusal.lasting(TunnelError.AUTH, "the account is for agents that also show one of its certificates");
        }
    }

    // ---- What it may have. ----

    /**
     * Whether an account may have tunnels of that kind, now.
     *
     * @throws Refusal when it may not, or is no account any more
     */
    public void check(Grant grant, TunnelProtocol protocol) throws Refusal {
        Tier tier = found(grant).account().tier();
        if (protocol == TunnelProtocol.TCP && !tier.tcp() || protocol == TunnelProtocol.TLS && !tier.tls()) {
            throw Refusal.lasting(TunnelError.LIMIT, "accounts of tier " + tier.name() + " have no " + protocol + " tunnels");
        }
    }

    /**
     * Whether an account may have a tunnel, now.
     *
     * @throws Refusal when it may not, or is no account any more
     */
    public void check(Grant grant, TunnelProtocol protocol, PublicAddress address) throws Refusal {
        check(grant, protocol);
        AccountBook.Found found = found(grant);
        switch (address) {
            case PublicAddress.Port(String host, int port) -> checkPort(found, port);
            case PublicAddress.Name(String host) -> checkName(found, label(host));
        }
    }

    /** Of a name below the domain its label; of another the whole. */
    private String label(String host) {
        return host.endsWith('.' + domain) ? host.substring(0, host.length() - domain.length() - 1) : host;
    }

    private void checkName(AccountBook.Found found, String name) throws Refusal {
        boolean own = found.account().hasName(name);
        if (!own && book.isReservedName(name)) {
            throw Refusal.lasting(TunnelError.NAME_TAKEN, "the name " + name + " is reserved for others");
        }
        if (!own && several && name.indexOf('.') >= 0) {
            throw Refusal.lasting(TunnelError.AUTH, "the host name " + name + " is not among the account's own");
        }
        if (found.token() != null && found.token().may() != null && !found.token().may().hasName(name)) {
            throw Refusal.lasting(TunnelError.AUTH, "this token is not for the name " + name + ", but for " + found.token().may());
        }
    }

    private void checkPort(AccountBook.Found found, int port) throws Refusal {
        if (!found.account().hasPort(port) && (found.account().hasPorts() || book.isReservedPort(port))) {
            throw Refusal.lasting(TunnelError.LIMIT, "port " + port + " is not one that this account may have");
        }
        if (found.token() != null && found.token().may() != null && !found.token().may().hasPort(port)) {
            throw Refusal.lasting(TunnelError.AUTH, "this token is not for port " + port + ", but for " + found.token().may());
        }
    }
}
