package tunnelforge.server.tunnel;

import java.time.Duration;
import tunnelforge.log.Log;
import tunnelforge.server.access.Accounts;
import tunnelforge.server.access.Grant;
import tunnelforge.server.access.Refusal;
import tunnelforge.wire.PublicAddress;
import tunnelforge.wire.TunnelError;

/** Gives tunnels of the last run their names and ports back, for the rest of the grace time, as tunnels whose agents are away; where they may still have them. */
public final class Restoration {
    private final Registrar registrar;
    private final TunnelRules rules;
    private final PublicAddresses addresses;
    private final Accounts accounts;
    private final Log log;

    public Restoration(Registrar registrar, TunnelRules rules, PublicAddresses addresses, Accounts accounts, Log log) {
        this.registrar = registrar;
        this.rules = rules;
        this.addresses = addresses;
        this.accounts = accounts;
        this.log = log;
    }

    /** Before visitors and agents come. */
    public void restore(KeptTunnels kept) {
        int count = 0;
        for (KeptTunnel tunnel : kept.ofLastRun()) {
            Duration away = kept.awayFor(tunnel);
            if (away.compareTo(rules.grace()) >= 0) {
                continue;
            }
            try {
                restore(tunnel, away);
                count++;
            } catch (Refusal e) {
                log.info("tunnel_not_kept", "a tunnel of the last run does not keep its address: " + e.getMessage(), "address", tunnel.address(), "error", e.error().wireName());
            }
        }
        if (count > 0) {
            log.info("tunnels_kept", "tunnels of the last run keep their addresses until their agents are back, for " + rules.grace().toSeconds() + " s at most", "count", count);
        }
    }

    private void restore(KeptTunnel kept, Duration away) throws Refusal {
        Grant grant = accounts.ofLastRun(kept.account());
        requireValid(kept.address());
        accounts.check(grant, kept.protocol(), kept.address());
        registrar.restore(kept, grant, away);
    }

    /** By the rules of now: the server may have other ports. */
    private void requireValid(PublicAddress address) throws Refusal {
        switch (address) {
            case PublicAddress.Port(String host, int port) -> {
                if (!host.equals(rules.domain()) || !rules.tcpPorts().contains(port)) {
                    throw Refusal.lasting(TunnelError.LIMIT, "port " + port + " is not one of " + rules.tcpPorts());
                }
            }
            case PublicAddress.Name(String host) -> {
                try {
                    if (addresses.below(host)) {
                        TunnelNames.validate(host.substring(0, host.length() - rules.domain().length() - 1));
                    } else {
                        TunnelNames.hostname(host, rules.domain());
                    }
                } catch (TunnelNames.InvalidNameException e) {
                    throw Refusal.lasting(TunnelError.NAME_INVALID, e.getMessage());
                }
            }
        }
    }
}
