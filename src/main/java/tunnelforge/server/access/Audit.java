package tunnelforge.server.access;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import tunnelforge.log.Log;
import tunnelforge.net.Clock;
import tunnelforge.net.Ticker;
import tunnelforge.text.Addresses;

/**
 * Who registered, was refused, took over, was limited, and why: {@code audit.jsonl} in the state directory, a JSON object on each line. Any task may call it and none waits:
 * one task writes, and what it cannot write is lost, be it because the disk is full. Each account has only so many lines a minute, so that none can wipe out what is told
 * of others; what comes from nobody's is counted and told once a minute.
 */
public final class Audit implements AutoCloseable {
    static final String FILE = "audit.jsonl";

    private static final long MOST_BYTES = 10L * 1024 * 1024;
    private static final long LINES_PER_SECOND = 1;
    private static final long LINES_AT_ONCE = 60;
    private static final long LIMITED_EVERY_SECONDS = 60;

    private final Clock clock;
    private final PrintStream out;
    private final Log log;
    private final TurnedAway strangers;
    private final Map<String, Lines> byAccount = new ConcurrentHashMap<>();

    /** How many lines an account has lately been given. Accounts are few. */
    private static final class Lines {
        private final TokenBucket lines;
        private final TokenBucket limited;
        private final AtomicLong omitted = new AtomicLong();

        Lines(long now) {
            lines = new TokenBucket(now);
            limited = new TokenBucket(now);
        }
    }

    private Audit(PrintStream out, Ticker ticker) {
        this.clock = ticker.clock();
        this.out = out;
        this.log = Log.to(out, Log.Format.JSON, Log.Level.INFO);
        this.strangers = new TurnedAway("agents_refused", "agents", ticker, log);
    }

    /** Until {@link #close}, in a directory for the owner's eyes only; {@code program}: learns when it cannot be written. */
    public static Audit in(Path directory, Ticker ticker, Log program) {
        RotatingFile file = new RotatingFile(directory.resolve(FILE), MOST_BYTES, e -> notWritten(program, directory, e));
        return new Audit(new PrintStream(file, false, StandardCharsets.UTF_8), ticker);
    }

    private static void notWritten(Log program, Path directory, IOException e) {
        program.warn("audit_not_written", "the record of who opens tunnels cannot be written; what happens meanwhile is not in it", "file", directory.resolve(FILE), "error", e.toString());
    }

    /** An agent has got a tunnel, or what it had. {@code event}: {@code tunnel_opened}, {@code tunnel_resumed} or {@code tunnel_taken_over}. */
    public void opened(String event, Grant grant, String url, String tunnelId, InetAddress from) {
        write(event, "an agent has its tunnel", grant.account(), "token", grant.tokenId(), "url", url, "tunnel_id", tunnelId, "peer", Addresses.text(from));
    }

    /** A tunnel was ended by the server. {@code event}: {@code tunnel_revoked} or {@code tunnel_removed}. */
    public void ended(String event, Refusal why, Grant grant, String url) {
        write(event, why.getMessage(), grant.account(), "error", why.error().wireName(), "token", grant.tokenId(), "url", url);
    }

    /** An agent was refused; {@code grant}: null where it was nobody's. */
    public void refused(Refusal why, Grant grant, InetAddress from) {
        if (grant == null) {
            strangers.tell("agent_refused", why.getMessage(), from, "error", why.error().wireName());
        } else {
            write("agent_refused", why.getMessage(), grant.account(), "error", why.error().wireName(), "token", grant.tokenId(), "peer", Addresses.text(from));
        }
    }

    /** A visitor of an account's tunnels was; told once a minute. */
    void limited(String account, String reason, Network visitor) {
        Lines lines = lines(account);
        long wait = lines.limited.spend(0, 1, 0, clock.nanos());
        if (wait > 0) {
            lines.omitted.incrementAndGet();
            return;
        }
        lines.limited.spend(LIMITED_EVERY_SECONDS, 1, 0, clock.nanos());
        write("visitor_limited", reason, account, "peer", Addresses.text(visitor.address()));
    }

    private Lines lines(String account) {
        return byAccount.computeIfAbsent(account, name -> new Lines(clock.nanos()));
    }

    private void write(String event, String message, String account, Object... namesAndValues) {
        Lines lines = lines(account);
        if (lines.lines.take(LINES_PER_SECOND, LINES_AT_ONCE, clock.nanos()) > 0) {
            lines.omitted.incrementAndGet();
            return;
        }
        List<Object> fields = new ArrayList<>(List.of("account", account));
        for (Object each : namesAndValues) {
            fields.add(each);
        }
        long omitted = lines.omitted.getAndSet(0);
        if (omitted > 0) {
            // Of this account, since its last line.
            fields.add("omitted");
            fields.add(omitted);
        }
        log.info(event, message, fields.toArray());
    }

    /** Accounts have changed, or could not be read. */
    void accounts(String event, String message) {
        log.info(event, message);
    }

    @Override
    public void close() {
        strangers.close();
        log.close();
        out.close();
    }
}
