package tunnelforge.wire;

import tunnelforge.json.JsonException;
import tunnelforge.json.JsonObject;

/**
 * The limits that the server names when it registers a tunnel or accepts a data connection; both sides keep to them.
 *
 * @param maxFrame the largest DATA payload, in bytes
 * @param initialWindow DATA payload bytes that each side may send on an exchange before the first WINDOW
 * @param maxExchangesPerConnection how many exchanges one data connection carries at a time
 * @param maxExchanges how many exchanges the tunnel has at a time
 */
public record TunnelLimits(int maxFrame, int initialWindow, int maxExchangesPerConnection, int maxExchanges) {
    /** Refuses what the wire does not allow: {@link IllegalArgumentException}. */
    public TunnelLimits {
        Check.range("max_frame", maxFrame, Limits.MIN_MAX_FRAME, Limits.MAX_DATA);
        Check.range("initial_window", initialWindow, 1, Limits.MAX_WINDOW);
        Check.range("max_exchanges_per_connection", maxExchangesPerConnection, 1, Integer.MAX_VALUE);
        Check.range("max_exchanges", maxExchanges, 1, Integer.MAX_VALUE);
    }

    /** The wire's own values stand in for what a server does not name. */
    static TunnelLimits from(JsonObject json) throws JsonException {
        int any = Integer.MAX_VALUE;
        return new TunnelLimits(
                (int) json.integer("max_frame", Limits.MIN_MAX_FRAME, Limits.MAX_DATA, Limits.MAX_DATA),
                (int) json.integer("initial_window", 1, Limits.MAX_WINDOW, Limits.INITIAL_WINDOW),
                (int) json.integer("max_exchanges_per_connection", 1, any, any),
                (int) json.integer("max_exchanges", 1, any, any));
    }

    JsonObject toJson() {
        return JsonObject.builder().put("max_frame", maxFrame).put("initial_window", initialWindow)
                .put("max_exchanges_per_connection", maxExchangesPerConnection).put("max_exchanges", maxExchanges).build();
    }
}
