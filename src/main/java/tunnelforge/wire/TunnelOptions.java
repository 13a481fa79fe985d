package tunnelforge.wire;

import java.util.Objects;
import tunnelforge.json.JsonException;
import tunnelforge.json.JsonObject;

/**
 * What an agent asks for its tunnel besides the protocol. A field that is null was not asked for. The server decides whether the agent gets
 * the name or port.
 *
 * @param subdomain the label below the server's domain
 * @param hostname a whole host name
 * @param visitors who may visit it
 * @param remotePort the server's port for a {@code tcp} tunnel
 * @param compression whether answers may be compressed towards visitors; reserved: has no effect
 */
public record TunnelOptions(String subdomain, String hostname, VisitorAccess visitors, Integer remotePort, Boolean compression) {
    /** Nothing is asked for. */
    public static final TunnelOptions NONE = new TunnelOptions(null, null, VisitorAccess.ANYBODY, null, null);

    /** Refuses what the wire does not allow: {@link IllegalArgumentException}. */
    public TunnelOptions {
        Check.optional("subdomain", subdomain, Limits.MAX_TEXT);
        Check.optional("hostname", hostname, Limits.MAX_TEXT);
        Objects.requireNonNull(visitors, "visitors");
        if (remotePort != null) {
            Check.range("remote_port", remotePort, 1, 65_535);
        }
    }

    static TunnelOptions from(JsonObject json) throws JsonException {
        return new TunnelOptions(json.string("subdomain", null), json.string("hostname", null), VisitorAccess.from(json),
                json.has("remote_port") ? Integer.valueOf((int) json.integer("remote_port", 1, 65_535)) : null,
                json.has("compression") ? Boolean.valueOf(json.bool("compression", false)) : null);
    }

    JsonObject toJson() {
        JsonObject.Builder json = JsonObject.builder().putIfPresent("subdomain", subdomain).putIfPresent("hostname", hostname);
        visitors.putInto(json);
        if (remotePort != null) {
            json.put("remote_port", remotePort.longValue());
        }
        if (compression != null) {
            json.put("compression", compression.booleanValue());
        }
        return json.build();
    }
}
