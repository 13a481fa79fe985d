package tunnelforge.server.tunnel;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.function.Consumer;
import tunnelforge.log.Log;
import tunnelforge.net.Ledger;
import tunnelforge.server.access.Refusal;
import tunnelforge.server.tls.Certificates;
import tunnelforge.wire.AgentMessage.RegisterTunnel;
import tunnelforge.wire.Protocols;
import tunnelforge.wire.TunnelError;

/** Judges what agents ask for, and gives them tunnels. Nothing is made for one that is not authorised. */
public final class Registrar {
    /** Tunnels of one server at once. */
    static final int MAX_TUNNELS = 1_000;

    private static final int RANDOM_NAME_ATTEMPTS = 20;

    private final TunnelRules rules;
    private final PublicAddresses addresses;
    private final TunnelDirectory registry;
    private final ResumeTokens resumeTokens;
    private final Certificates certificates;
    private final Ports ports;
    private final byte[] tokenHash;
    private final Ledger program;
    private final SecureRandom random;
    private final Log log;

    public Registrar(TunnelRules rules, PublicAddresses addresses, TunnelDirectory registry, ResumeTokens resumeTokens,
            Certificates certificates, Ports ports, String token, Ledger program, SecureRandom random, Log log) {
        this.rules = rules;
        this.addresses = addresses;
        this.registry = registry;
        this.resumeTokens = resumeTokens;
        this.certificates = certificates;
        this.ports = ports;
        this.tokenHash = hash(token);
        this.program = program;
        this.random = random;
        this.log = log;
    }

    /**
     * Gives the agent a new tunnel, or the one that it had.
     *
     * @return a tunnel that is in the registry and not yet attached
     */
    Tunnel register(RegisterTunnel ask) throws Refusal {
        if (!MessageDigest.isEqual(tokenHash, hash(ask.authToken()))) {
            throw Refusal.lasting(TunnelError.AUTH, "the token is not one of this server's");
        }
        if (ask.options().auth() != null) {
            throw Refusal.lasting(TunnelError.PROTOCOL, "this server cannot ask visitors for a password");
        }
        if (ask.tunnelId() != null && ask.resumeToken() != null) {
            String host = resumeTokens.verify(ask.resumeToken(), ask.tunnelId(), ask.protocol(), ask.authToken());
            if (host != null) {
                return resume(ask, host);
            }
        }
        requireRoom();
        return claimAsked(ask);
    }

    private void requireRoom() throws Refusal {
        if (registry.size() >= MAX_TUNNELS) {
            throw Refusal.passing(TunnelError.LIMIT, "this server has " + MAX_TUNNELS + " tunnels, which is its limit");
        }
    }

    private Tunnel resume(RegisterTunnel ask, String host) throws Refusal {
        Tunnel tunnel = registry.findById(ask.tunnelId());
        if (tunnel != null && tunnel.host().equals(host)) {
            return tunnel;
        }
        requireRoom();
        if (ask.protocol().equals(Protocols.TCP)) {
            int port = Integer.parseInt(host.substring(host.lastIndexOf(':') + 1));
            return rules.tcpPorts().contains(port) ? claimPort(ask, ask.tunnelId(), port) : claimAsked(ask);
        }
        if (!addresses.below(host) && !ask.protocol().equals(Protocols.TLS)) {
            certificates.cover(host);
        }
        return claim(ask, ask.tunnelId(), host);
    }

    private Tunnel claimAsked(RegisterTunnel ask) throws Refusal {
        String id = newId();
        if (ask.protocol().equals(Protocols.TCP)) {
            return claimAskedPort(ask, id);
        }
        if (ask.options().remotePort() != null) {
            throw Refusal.lasting(TunnelError.PROTOCOL, "only tcp tunnels have a port of their own; this one is " + ask.protocol());
        }
        try {
            if (ask.options().hostname() != null) {
                String hostname = TunnelNames.hostname(ask.options().hostname(), rules.domain());
                Tunnel holder = registry.find(hostname);
                if ((holder == null || holder.belongsTo(ask.agentId())) && !ask.protocol().equals(Protocols.TLS)) {
                    certificates.cover(hostname);
                }
                return claim(ask, id, hostname);
            }
            if (ask.options().subdomain() != null) {
                return claim(ask, id, TunnelNames.validate(ask.options().subdomain()) + '.' + rules.domain());
            }
        } catch (TunnelNames.InvalidNameException e) {
            throw Refusal.lasting(TunnelError.NAME_INVALID, e.getMessage());
        }
        for (int attempt = 1; attempt <= RANDOM_NAME_ATTEMPTS; attempt++) {
            String host = TunnelNames.random(random, attempt) + '.' + rules.domain();
            Tunnel tunnel = newTunnel(ask, id, host);
            if (registry.claim(tunnel)) {
                return tunnel;
            }
        }
        throw Refusal.passing(TunnelError.LIMIT, "no free name was found; ask for one with --subdomain");
    }

    private Tunnel claimAskedPort(RegisterTunnel ask, String id) throws Refusal {
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
            return claimPort(ask, id, asked);
        }
        int offset = random.nextInt(range.size());
        for (int i = 0; i < range.size(); i++) {
            int port = range.first() + (offset + i) % range.size();
            if (registry.find(portName(port)) == null) {
                try {
                    return claimPort(ask, id, port);
                } catch (Refusal e) {
                    // Another tunnel or another program was faster.
                }
            }
        }
        throw Refusal.passing(TunnelError.LIMIT, "no port of " + range + " is free");
    }

    private String portName(int port) {
        return rules.domain() + ':' + port;
    }

    private Tunnel claimPort(RegisterTunnel ask, String id, int port) throws Refusal {
        Tunnel tunnel = claim(ask, id, portName(port));
        try {
            ports.open(tunnel, port);
            return tunnel;
        } catch (IOException e) {
            end(tunnel);
            throw Refusal.lasting(TunnelError.PORT_TAKEN, "port " + port + " of " + rules.tcpPorts() + " cannot be listened on: " + e.getMessage());
        }
    }

    private Tunnel claim(RegisterTunnel ask, String id, String host) throws Refusal {
        Tunnel tunnel = newTunnel(ask, id, host);
        Tunnel holder = registry.find(host);
        if (holder != null && holder.belongsTo(ask.agentId()) && registry.replace(holder, tunnel)) {
            log.info("tunnel_taken_over", "the agent was started anew and takes its tunnel over", "url", holder.url());
            holder.displace();
        } else if (!registry.claim(tunnel)) {
            throw Refusal.lasting(ask.protocol().equals(Protocols.TCP) ? TunnelError.PORT_TAKEN : TunnelError.NAME_TAKEN, holder != null && holder.isAway()
                    ? "the name " + host + " is kept for an agent that has dropped, for " + rules.grace().toSeconds() + " s at most"
                    : "the name " + host + " is taken by another tunnel");
        }
        return tunnel;
    }

    private Tunnel newTunnel(RegisterTunnel ask, String id, String host) {
        Consumer<Tunnel> onGraceOver = tunnel -> {
            log.info("tunnel_expired", "the agent did not come back in time", "url", tunnel.url());
            end(tunnel);
        };
        return new Tunnel(id, host, ask.protocol(), addresses.url(ask.protocol(), host), ask.agentId(), program, rules.grace(), random, onGraceOver);
    }

    /** The proof that the agent may take the tunnel up again. */
    String resumeToken(Tunnel tunnel, RegisterTunnel ask) {
        return resumeTokens.issue(tunnel.id(), tunnel.host(), tunnel.protocol(), ask.authToken());
    }

    /** Ends a tunnel: its name is free at once, and what is in flight is cut. */
    void end(Tunnel tunnel) {
        registry.release(tunnel);
        tunnel.close();
    }

    private String newId() {
        byte[] bits = new byte[16];
        random.nextBytes(bits);
        return HexFormat.of().formatHex(bits);
    }

    private static byte[] hash(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
