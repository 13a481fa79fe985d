package tunnelforge.server.tunnel;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import tunnelforge.http.Room;
import tunnelforge.log.Log;
import tunnelforge.server.access.Accounts;
import tunnelforge.server.access.Audit;
import tunnelforge.server.access.Figures;
import tunnelforge.server.access.Grant;
import tunnelforge.server.access.PortRange;
import tunnelforge.server.access.Presented;
import tunnelforge.server.access.Refusal;
import tunnelforge.server.tls.Certificates;
import tunnelforge.text.Ids;
import tunnelforge.wire.AgentMessage.RegisterTunnel;
import tunnelforge.wire.PublicAddress;
import tunnelforge.wire.TunnelError;
import tunnelforge.wire.TunnelOptions;
import tunnelforge.wire.TunnelProtocol;

/** Judges what agents ask for, and gives them tunnels. Nothing is made for one that is not authorised. */
public final class Registrar implements Tunnel.Owner {
    private static final int RANDOM_NAME_ATTEMPTS = 20;
    /** Registrations for one address that come at the same time. */
    private static final int CLAIM_ATTEMPTS = 5;
    /** Tunnels that the operator has closed, of which it is known that they were. */
    private static final int MAX_REMOVED = 1_000;

    /** What an agent asks for, and in whose name. {@code from}: the agent's address. */
    private record Asked(RegisterTunnel message, Grant grant, String agentDigest, InetAddress from) {
        TunnelProtocol protocol() {
            return message.protocol();
        }

        TunnelOptions options() {
            return message.options();
        }
    }

    private final TunnelRules rules;
    private final PublicAddresses addresses;
    private final TunnelDirectory directory;
    private final ResumeTokens resumeTokens;
    private final Certificates certificates;
    private final Ports ports;
    /** The last tunnel's of each, until it is free. */
    private final Map<Integer, TunnelPort<Tunnel>> lastPorts = new ConcurrentHashMap<>();
    /** Their ids: an agent that was away meanwhile is told when it comes back. */
    private final Queue<String> removed = new ConcurrentLinkedQueue<>();
    private final Accounts accounts;
    private final Audit audit;
    private final TunnelMeans means;
    private final SecureRandom random;
    private final Log log;
    /** Why no tunnel is to last; null while they may. */
    private volatile String stopping;

    public Registrar(TunnelRules rules, PublicAddresses addresses, TunnelDirectory directory, ResumeTokens resumeTokens,
            Certificates certificates, Ports ports, Accounts accounts, Audit audit, TunnelMeans means, Log log) {
        this.rules = rules;
        this.addresses = addresses;
        this.directory = directory;
        this.resumeTokens = resumeTokens;
        this.certificates = certificates;
        this.ports = ports;
        this.accounts = accounts;
        this.audit = audit;
        this.means = means;
        this.random = means.random();
        this.log = log;
    }

    /**
     * Gives the agent a new tunnel, or the one that it had.
     *
     * @param presented what it has proved by a certificate; null when none is asked for
     * @param from the agent's address
     * @return a tunnel that is in the directory and not yet attached
     */
    Tunnel register(RegisterTunnel ask, Presented presented, InetAddress from) throws Refusal {
        Grant grant = null;
        Tunnel given;
        try {
            grant = accounts.authenticate(ask.authToken(), presented == null ? Set.of() : Set.copyOf(presented.names()), from);
            accounts.check(grant, ask.protocol());
            given = grant(new Asked(ask, grant, Tunnel.digest(ask.agentId()), from));
        } catch (Refusal e) {
            audit.refused(e, grant, from);
            throw e;
        }
        if (presented != null) {
            log.info("certificate_accepted", "the agent has shown a certificate for " + presented.shown(), "url", given.url(), "fingerprint", presented.fingerprint());
        }
        String reason = stopping;
        if (reason != null) {
            // drain() may have looked before it was there.
            given.drain(reason);
        }
        return given;
    }

    Figures figures() {
        return means.figures();
    }

    /** Tells all agents to register elsewhere, those too that register from now on. */
    public void drain(String reason) {
        stopping = reason;
        directory.tunnels().forEach(tunnel -> tunnel.drain(reason));
    }

    /** Ends the tunnels that their accounts may not have any longer. {@code changed}: accounts are others; otherwise tokens may have expired. */
    public void review(boolean changed) {
        RuntimeException broken = null;
        for (Tunnel tunnel : directory.tunnels()) {
            try {
                review(tunnel, changed);
            } catch (RuntimeException e) {
                // The others' turn comes all the same.
                broken = e;
            }
        }
        if (broken != null) {
            throw broken;
        }
    }

    private void review(Tunnel tunnel, boolean changed) {
        Grant grant = tunnel.grant();
        try {
            if (changed) {
                accounts.check(grant, tunnel.protocol(), tunnel.address());
            } else {
                accounts.requireValid(grant);
            }
        } catch (Refusal e) {
            revoke(tunnel, grant, e);
        }
    }

    private void revoke(Tunnel tunnel, Grant grant, Refusal why) {
        if (tunnel.grant() != grant) {
            // Its agent has just come again, with another token.
            return;
        }
        end("tunnel_revoked", Figures.End.REVOKED, tunnel, why);
    }

    /** The server's operator ends a tunnel, whose agent is told so and is not to come back by itself; false when there is none of this id. What is in flight is cut. */
    public boolean remove(String id) {
        Tunnel tunnel = directory.findById(id);
        if (tunnel == null) {
            return false;
        }
        removed.add(id);
        if (removed.size() > MAX_REMOVED) {
            removed.poll();
        }
        return end("tunnel_removed", Figures.End.REMOVED, tunnel, closedByOperator());
    }

    private static Refusal closedByOperator() {
        return Refusal.lasting(TunnelError.LIMIT, "the operator of the server has closed this tunnel");
    }

    /** False when it has just ended otherwise. */
    private boolean end(String event, Figures.End how, Tunnel tunnel, Refusal why) {
        boolean ends = directory.release(tunnel);
        if (ends) {
            Grant grant = tunnel.grant();
            log.info(event, why.getMessage(), "url", tunnel.url(), "account", grant.account(), "error", why.error().wireName());
            audit.ended(event, why, grant, tunnel.url());
            figures().ends().add(how);
        }
        tunnel.revoke(why);
        return ends;
    }

    /** Its agent closes it: its address is free at once. */
    void closes(Tunnel tunnel) {
        if (directory.release(tunnel)) {
            figures().ends().add(Figures.End.CLOSED);
        }
    }

    private Tunnel grant(Asked ask) throws Refusal {
        RegisterTunnel message = ask.message;
        PublicAddress had = message.tunnelId() == null || message.resumeToken() == null ? null
                : resumeTokens.verify(message.resumeToken(), message.tunnelId(), ask.protocol(), ask.grant.account());
        if (had != null) {
            Tunnel tunnel = directory.findById(message.tunnelId());
            if (tunnel != null && tunnel.protocol() == ask.protocol()) {
                return resumed(tunnel, ask);
            }
            if (removed.contains(message.tunnelId())) {
                throw closedByOperator();
            }
            PublicAddress now = addressNow(had, ask);
            if (now != null) {
                return claim(ask, message.tunnelId(), now);
            }
        }
        String id = had == null ? Ids.secret(random) : message.tunnelId();
        return ask.protocol() == TunnelProtocol.TCP ? claimPort(ask, id) : claimName(ask, id);
    }

    private Tunnel resumed(Tunnel tunnel, Asked ask) throws Refusal {
        accounts.check(ask.grant, tunnel.protocol(), tunnel.address());
        tunnel.grant(ask.grant);
        return tell(Figures.Registration.RESUMED, open(tunnel), ask);
    }

    /** Where a tunnel is now that was at {@code had}: the server may have another domain by now, or other ports. Null when that is found out as for a new one. */
    private PublicAddress addressNow(PublicAddress had, Asked ask) {
        return switch (had) {
            case PublicAddress.Port at -> rules.tcpPorts().contains(at.port()) ? atPort(at.port()) : null;
            case PublicAddress.Name name when ask.options().hostname() == null && ask.options().subdomain() == null -> belowNow(name.host());
            case PublicAddress.Name name -> null;
        };
    }

    /** Held to the rules once more: it may have been a host name of somebody's own, of which only the first label is taken. */
    private PublicAddress belowNow(String host) {
        try {
            return below(TunnelNames.validate(host.substring(0, host.indexOf('.'))));
        } catch (TunnelNames.InvalidNameException e) {
            return null;
        }
    }

    private Tunnel claimName(Asked ask, String id) throws Refusal {
        if (ask.options().remotePort() != null) {
            throw Refusal.lasting(TunnelError.PROTOCOL, "only tcp tunnels have a port of their own; this one is " + ask.protocol());
        }
        try {
            if (ask.options().hostname() != null) {
                return claim(ask, id, new PublicAddress.Name(TunnelNames.hostname(ask.options().hostname(), rules.domain())));
            }
            if (ask.options().subdomain() != null) {
                return claim(ask, id, below(TunnelNames.validate(ask.options().subdomain())));
            }
        } catch (TunnelNames.InvalidNameException e) {
            throw Refusal.lasting(TunnelError.NAME_INVALID, e.getMessage());
        }
        Refusal notIts = null;
        for (int attempt = 1; attempt <= RANDOM_NAME_ATTEMPTS; attempt++) {
            Tunnel tunnel = newTunnel(ask, id, below(TunnelNames.random(random, attempt)));
            Refusal why = objection(ask, tunnel.address());
            if (why != null) {
                notIts = why;
            } else if (directory.claim(tunnel)) {
                return tell(Figures.Registration.OPENED, tunnel, ask);
            }
        }
        throw notIts != null ? notIts : Refusal.passing(TunnelError.LIMIT, "no free name was found; ask for one with --subdomain");
    }

    private Tunnel claimPort(Asked ask, String id) throws Refusal {
        if (ask.options().subdomain() != null || ask.options().hostname() != null) {
            throw Refusal.lasting(TunnelError.NAME_INVALID, "a tcp tunnel has a port of " + rules.domain() + " and no name of its own; ask for"
                    + " --remote-port instead");
        }
        PortRange range = rules.tcpPorts();
        Integer asked = ask.options().remotePort();
        if (asked != null) {
            if (!range.contains(asked)) {
                throw Refusal.lasting(TunnelError.LIMIT, "port " + asked + " is not one of " + range + ", which tcp tunnels may have here");
            }
            return claim(ask, id, atPort(asked));
        }
        Refusal notIts = null;
        boolean none = true;
        int offset = random.nextInt(range.size());
        for (int i = 0; i < range.size(); i++) {
            PublicAddress address = atPort(range.first() + (offset + i) % range.size());
            Refusal why = objection(ask, address);
            if (why != null) {
                notIts = why;
                continue;
            }
            none = false;
            if (directory.find(address) == null) {
                try {
                    return claim(ask, id, address);
                } catch (Refusal e) {
                    if (e.error() != TunnelError.PORT_TAKEN) {
                        throw e;
                    }
                    // Another tunnel or another program was faster.
                }
            }
        }
        throw none ? notIts : Refusal.passing(TunnelError.LIMIT, "no port of " + range + " is free" + (notIts == null ? "" : " that this account may have"));
    }

    /** Why the account may not have that address; null when it may. */
    private Refusal objection(Asked ask, PublicAddress address) {
        try {
            accounts.check(ask.grant, ask.protocol(), address);
            return null;
        } catch (Refusal e) {
            return e;
        }
    }

    private PublicAddress below(String label) {
        return new PublicAddress.Name(label + '.' + rules.domain());
    }

    private PublicAddress atPort(int port) {
        return new PublicAddress.Port(rules.domain(), port);
    }

    /** The tunnel that has the address now: a new one, or the same one by another registration that arrived at the same time. */
    private Tunnel claim(Asked ask, String id, PublicAddress address) throws Refusal {
        accounts.check(ask.grant, ask.protocol(), address);
        cover(ask, address);
        // That may have taken seconds.
        accounts.check(ask.grant, ask.protocol(), address);
        Tunnel tunnel = newTunnel(ask, id, address);
        for (int attempt = 0; attempt < CLAIM_ATTEMPTS; attempt++) {
            if (directory.claim(tunnel)) {
                return tell(Figures.Registration.OPENED, open(tunnel), ask);
            }
            Tunnel holder = directory.find(address);
            if (holder == null) {
                // It has just ended.
                continue;
            }
            if (holder.id().equals(id) && holder.grant().account().equals(ask.grant.account())) {
                return resumed(holder, ask);
            }
            if (!belongsTo(holder, ask)) {
                throw taken(tunnel, holder);
            }
            if (directory.replace(holder, tunnel)) {
                log.info("tunnel_taken_over", "the agent was started anew and takes its tunnel over", "url", holder.url());
                figures().ends().add(Figures.End.DISPLACED);
                holder.displace();
                return tell(Figures.Registration.TAKEN_OVER, open(tunnel), ask);
            }
        }
        throw Refusal.passing(TunnelError.LIMIT, "others register at " + address + " at this moment");
    }

    /** A name of the agent's own needs a certificate, unless the agent has it; none is made for one that another agent holds. */
    private void cover(Asked ask, PublicAddress address) throws Refusal {
        if (needsCertificate(address, ask.protocol())) {
            Tunnel holder = directory.find(address);
            if (holder == null || belongsTo(holder, ask)) {
                certificates.cover(address.host());
            }
        }
    }

    private boolean needsCertificate(PublicAddress address, TunnelProtocol protocol) {
        return address instanceof PublicAddress.Name(String host) && !addresses.below(host) && protocol != TunnelProtocol.TLS;
    }

    /** It is in the directory; returns when its port, if it has one, is open. */
    private Tunnel open(Tunnel tunnel) throws Refusal {
        if (tunnel.address() instanceof PublicAddress.Port(String host, int port)) {
            try {
                TunnelPort<Tunnel> its = tunnel.port();
                its.open(port, () -> ports.listen(its::owner, port), lastPorts);
            } catch (IOException e) {
                end(tunnel);
                String reason = "port " + port + " of " + rules.tcpPorts() + " cannot be listened on: " + e.getMessage();
                throw e instanceof BindException ? Refusal.lasting(TunnelError.PORT_TAKEN, reason) : Refusal.passing(TunnelError.PORT_TAKEN, reason);
            }
        }
        return tunnel;
    }

    private static boolean belongsTo(Tunnel holder, Asked ask) {
        return holder.belongsTo(ask.agentDigest, ask.grant);
    }

    private Tunnel tell(Figures.Registration what, Tunnel tunnel, Asked ask) {
        figures().registrations().add(what);
        audit.opened("tunnel_" + what.name().toLowerCase(Locale.ROOT), ask.grant, tunnel.url(), tunnel.id(), ask.from);
        return tunnel;
    }

    private Refusal taken(Tunnel tunnel, Tunnel holder) {
        TunnelError error = tunnel.protocol() == TunnelProtocol.TCP ? TunnelError.PORT_TAKEN : TunnelError.NAME_TAKEN;
        if (!holder.isAway()) {
            return Refusal.lasting(error, "the name " + tunnel.address() + " is taken by another tunnel");
        }
        String reason = "the name " + tunnel.address() + " is kept for an agent that has dropped, for " + rules.grace().toSeconds() + " s at most";
        // After a restart of the server an agent without an id is not known again, but may well be the same.
        return holder.outlivesItsServer() && holder.agentDigest() == null ? Refusal.passing(error, reason) : Refusal.lasting(error, reason);
    }

    private Tunnel newTunnel(Asked ask, String id, PublicAddress address) {
        Tunnel tunnel = newTunnel(id, address, ask.protocol(), ask.grant, ask.agentDigest);
        tunnel.admit(ask.options().visitors());
        return tunnel;
    }

    private Tunnel newTunnel(String id, PublicAddress address, TunnelProtocol protocol, Grant grant, String agentDigest) {
        return new Tunnel(this, means, rules.grace(), id, address, protocol, addresses.url(protocol, address), grant, agentDigest);
    }

    /**
     * A tunnel of the last run is in the directory again, without its agent.
     *
     * @param away for how long its agent has been away
     */
    void restore(KeptTunnel kept, Grant grant, Duration away) throws Refusal {
        if (needsCertificate(kept.address(), kept.protocol())) {
            certificates.cover(kept.address().host());
        }
        Tunnel tunnel = newTunnel(kept.id(), kept.address(), kept.protocol(), grant, kept.agentDigest());
        tunnel.outlivesItsServer(away);
        if (directory.claim(tunnel)) {
            open(tunnel);
            figures().registrations().add(Figures.Registration.RESTORED);
        }
    }

    @Override
    public void expired(Tunnel tunnel) {
        if (directory.release(tunnel)) {
            log.info("tunnel_expired", "the agent did not come back in time", "url", tunnel.url());
            figures().ends().add(Figures.End.EXPIRED);
        }
        tunnel.close();
    }

    @Override
    public void carries(Tunnel tunnel, boolean again) {
        if (again) {
            log.info("tunnel_carries", "data connections of the tunnel work again", "url", tunnel.url());
        } else {
            log.warn("tunnel_silent", "the agent is there, but no data connection of its tunnel works: visitors wait", "url", tunnel.url());
        }
    }

    @Override
    public Tunnel successor(Tunnel ended) {
        Tunnel now = directory.find(ended.address());
        return now != null && now != ended && now.protocol() == ended.protocol() && now.grant().account().equals(ended.grant().account()) ? now : null;
    }

    /** For what agents send before they have a tunnel, or beside it. */
    Room room() {
        return Room.of(means.connections()::tryReserve, means.connections()::release);
    }

    /** The proof that the agent may take the tunnel up again. */
    String resumeToken(Tunnel tunnel) {
        return resumeTokens.issue(tunnel.id(), tunnel.address(), tunnel.protocol(), tunnel.grant().account());
    }

    /** Ends a tunnel: its name is free at once, and what is in flight is cut. */
    void end(Tunnel tunnel) {
        directory.release(tunnel);
        tunnel.close();
    }
}
