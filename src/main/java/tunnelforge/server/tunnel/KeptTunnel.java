package tunnelforge.server.tunnel;

import java.time.DateTimeException;
import java.time.Instant;
import tunnelforge.json.JsonException;
import tunnelforge.json.JsonObject;
import tunnelforge.wire.PublicAddress;
import tunnelforge.wire.TunnelProtocol;

/**
 * What the next run of the server is to know of a tunnel. Nothing in it opens one: who takes it up proves who it is with what only the agent has.
 *
 * @param agentDigest of the agent's id; null for none
 * @param awaySince when its agent was lost, by the time of day; null while it is there
 */
record KeptTunnel(String id, PublicAddress address, TunnelProtocol protocol, String account, String agentDigest, Instant awaySince) {
    private static final int MAX_TEXT = 512;

    KeptTunnel {
        for (String text : new String[] {id, account, agentDigest == null ? "-" : agentDigest}) {
            if (text.isEmpty() || text.length() > MAX_TEXT) {
                throw new IllegalArgumentException("a text has " + text.length() + " characters; the limit is " + MAX_TEXT);
            }
        }
        if (address instanceof PublicAddress.Port != (protocol == TunnelProtocol.TCP)) {
            throw new IllegalArgumentException(protocol + " tunnels are not at " + address);
        }
    }

    JsonObject toJson() {
        return JsonObject.builder().put("tunnel_id", id).put("address", address.toString()).put("protocol", protocol.wireName()).put("account", account)
                .putIfPresent("agent_sha256", agentDigest).putIfPresent("away_since", awaySince == null ? null : awaySince.toString()).build();
    }

    static KeptTunnel parse(JsonObject json) throws JsonException {
        String away = json.string("away_since", null);
        try {
            return new KeptTunnel(json.string("tunnel_id"), PublicAddress.parse(json.string("address")), protocol(json.string("protocol")), json.string("account"),
                    json.string("agent_sha256", null), away == null ? null : Instant.parse(away));
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new JsonException("a tunnel is none: " + e.getMessage());
        }
    }

    private static TunnelProtocol protocol(String name) throws JsonException {
        TunnelProtocol protocol = TunnelProtocol.of(name);
        if (protocol == null) {
            throw new JsonException("there are no tunnels of protocol '" + name + "'");
        }
        return protocol;
    }
}
