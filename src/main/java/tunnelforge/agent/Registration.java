package tunnelforge.agent;

import java.util.List;
import java.util.stream.Collectors;
import tunnelforge.cli.ExitException;
import tunnelforge.cli.HostPort;
import tunnelforge.cli.Launch;
import tunnelforge.log.Log;
import tunnelforge.text.AddressRange;
import tunnelforge.wire.AgentMessage;
import tunnelforge.wire.ServerMessage;
import tunnelforge.wire.TunnelOptions;
import tunnelforge.wire.VisitorAccess;

/** What a tunnel asks of its server, and what it was granted last, by which it is taken up after a drop. By the tunnel's keeper. */
final class Registration {
    private static final int TOLD_RANGES = 5;

    private final String token;
    private final AgentConfig.Tunnel config;
    private final Log log;
    private volatile ServerMessage.TunnelRegistered granted;

    Registration(String token, AgentConfig.Tunnel config, Log log) {
        this.token = token;
        this.config = config;
        this.log = log;
    }

    /** The first message of a control connection. {@code agentId} proves that this agent had the name before; null to prove nothing. */
    AgentMessage message(String agentId) {
        ServerMessage.TunnelRegistered before = granted;
        AgentConfig.Asked asked = config.asked();
        TunnelOptions options = new TunnelOptions(asked.subdomain(), asked.hostname(), asked.visitors(), asked.remotePort(), null);
        return new AgentMessage.RegisterTunnel(token, asked.protocol(), config.target().port(), options, agentId,
                Launch.version(), before == null ? null : before.tunnelId(), before == null ? null : before.resumeToken());
    }

    /** Null before the first. */
    ServerMessage.TunnelRegistered granted() {
        return granted;
    }

    /** Why the tunnel must not be open: the server does not know of all that was asked of visitors. Null when it keeps to everything. */
    ExitException exposed(ServerMessage.TunnelRegistered now, HostPort server) {
        List<String> ignored = config.asked().visitors().fields().stream().filter(field -> !now.enforced().contains(field)).toList();
        return ignored.isEmpty() ? null : new ExitException(ExitException.REFUSED, "the server " + server + " is too old to know who may visit (" + String.join(", ", ignored)
                + "), and would let everybody in: the tunnel is closed again\nrun the same version on both sides");
    }

    /** Tells the address, loudly when it is another than before. */
    void granted(ServerMessage.TunnelRegistered now) {
        ServerMessage.TunnelRegistered before = granted;
        granted = now;
        Object[] fields = {"url", now.url(), "tunnel_id", now.tunnelId(), "target", config.target()};
        if (before != null && before.url().equals(now.url())) {
            log.info("tunnel_registered", "connected again: " + now.url(), fields);
            return;
        }
        if (before != null) {
            log.warn("url_changed", "THE ADDRESS HAS CHANGED: it was " + before.url() + ", which leads here no more", "before", before.url(), "url", now.url());
        }
        log.show("tunnel_registered", now.url(), fields);
        log.hint("  leads to " + config.target() + (before == null && config.name() == null ? "; Ctrl-C ends" : ""));
        tellWhoMayVisit(config.asked().visitors());
    }

    private void tellWhoMayVisit(VisitorAccess visitors) {
        if (!visitors.users().isEmpty()) {
            log.hint("  visitors are asked for a password" + (visitors.users().size() == 1 ? "" : ", which " + visitors.users().size() + " users have"));
        }
        if (!visitors.allow().isEmpty()) {
            log.hint("  visitors may come from " + some(visitors.allow()) + " only");
        }
        if (!visitors.deny().isEmpty()) {
            log.hint("  visitors may not come from " + some(visitors.deny()));
        }
    }

    private static String some(List<AddressRange> ranges) {
        int more = ranges.size() - TOLD_RANGES;
        return ranges.stream().limit(TOLD_RANGES).map(AddressRange::toString).collect(Collectors.joining(", ")) + (more > 0 ? " and " + more + " more" : "");
    }
}
