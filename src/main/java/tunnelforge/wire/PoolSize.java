package tunnelforge.wire;

import tunnelforge.json.JsonException;
import tunnelforge.json.JsonObject;

/** How many shared data connections a tunnel has. */
public record PoolSize(int min, int max) {
    private static final int MOST = 1000;

    /** Refuses what the wire does not allow: {@link IllegalArgumentException}. */
    public PoolSize {
        Check.range("min", min, 1, MOST);
        Check.range("max", max, min, MOST);
    }

    static PoolSize from(JsonObject json) throws JsonException {
        return new PoolSize((int) json.integer("min", 1, MOST), (int) json.integer("max", 1, MOST));
    }

    JsonObject toJson() {
        return JsonObject.builder().put("min", min).put("max", max).build();
    }
}
