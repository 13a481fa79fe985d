package tunnelforge.server.accesslog;

import java.net.InetAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tunnelforge.server.edge.Served;
import tunnelforge.wire.TunnelProtocol;

/** Requests that were served, for tests, and how programs read their lines. */
final class ServedSamples {
    /** The combined format, as programs that analyse logs take it apart. */
    static final Pattern COMBINED = Pattern.compile("(\\S+) - (\\S+) \\[([^\\]]+)\\] \"([^\"]*)\" (\\d{3}) (\\d+) \"([^\"]*)\" \"([^\"]*)\"");

    private ServedSamples() {
    }

    static Served request(Served.Asked asked, String user) {
        return new Served(1_798_286_400_123L, 12_345_678, 1_000, 2_000_000, TunnelProtocol.HTTPS, InetAddress.getLoopbackAddress(), user, "a.example", "default", asked, "id", 200, null,
                true, 1, 2, 0);
    }

    /** A GET of that target. */
    static Served get(String target) {
        return request(new Served.Asked(null, "GET", target, 1, null, null), null);
    }

    static Served session() {
        return new Served(1_798_286_400_123L, 5_000_000_000L, 0, 0, TunnelProtocol.TCP, InetAddress.getLoopbackAddress(), null, "a.example:20000", "default", null, null, 0, null, true,
                10, 20, 0);
    }

    /** Takes a line apart, which must be in the combined format. */
    static Matcher combined(String line) {
        Matcher fields = COMBINED.matcher(line);
        if (!fields.matches()) {
            throw new AssertionError("not in the combined format: " + line);
        }
        return fields;
    }
}
