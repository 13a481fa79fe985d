package tunnelforge.server.access;

import java.io.PrintStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import tunnelforge.log.Log;
import tunnelforge.net.Ticker;
import tunnelforge.text.Addresses;

/**
 * Who registered, was refused, took over, was limited, and why: {@code audit.jsonl} in the state directory, a JSON object on each line. Any task may call it and none waits:
 * one task writes, and what it cannot write is lost, be it because the disk is full. What strangers can cause as often as they like is counted and told once a minute.
 */
public final class Audit implements AutoCloseable {
    static final String FILE = "audit.jsonl";

    private static final long MOST_BYTES = 10L * 1024 * 1024;

    private final PrintStream out;
    private final Log log;
    private final TurnedAway refused;
    private final TurnedAway limited;

    private Audit(PrintStream out, Ticker ticker) {
        this.out = out;
        this.log = Log.to(out, Log.Format.JSON, Log.Level.INFO);
        this.refused = new TurnedAway("agents_refused", "agents", ticker, log);
        this.limited = new TurnedAway("visitors_limited", "visitors", ticker, log);
    }

    /** Until {@link #close}, in a directory for the owner's eyes only. */
    public static Audit in(Path directory, Ticker ticker) {
        return new Audit(new PrintStream(new RotatingFile(directory.resolve(FILE), MOST_BYTES), false, StandardCharsets.UTF_8), ticker);
    }

    /** An agent has got a tunnel, or what it had. {@code event}: {@code tunnel_opened}, {@code tunnel_resumed} or {@code tunnel_taken_over}. */
    public void opened(String event, Grant grant, String url, String tunnelId, InetAddress from) {
        log.info(event, "an agent has its tunnel", "account", grant.account(), "token", grant.tokenId(), "url", url, "tunnel_id", tunnelId, "peer", Addresses.text(from));
    }

    /** A tunnel was ended by the server. */
    public void revoked(Refusal why, Grant grant, String url) {
        log.info("tunnel_revoked", why.getMessage(), "error", why.error().wireName(), "account", grant.account(), "url", url);
    }

    /** An agent was refused. */
    public void refused(Refusal why, InetAddress from) {
        refused.tell("agent_refused", why.getMessage(), from, "error", why.error().wireName());
    }

    /** A visitor of an account's tunnels was. */
    void limited(String account, String reason, Network visitor) {
        limited.tell("visitor_limited", reason, visitor.address(), "account", account);
    }

    /** Accounts have changed, or could not be read. */
    void accounts(String event, String message) {
        log.info(event, message);
    }

    @Override
    public void close() {
        refused.close();
        limited.close();
        log.close();
        out.close();
    }
}
