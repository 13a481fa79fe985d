package tunnelforge.server.accesslog;

import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import tunnelforge.server.edge.Served;
import tunnelforge.text.Addresses;

/** A JSON object on each line, always with the same names: what a request or a session does not have is null. */
final class JsonFormat implements LineFormat {
    private static final long MILLIS = 1_000;
    private static final Served.Asked NOTHING = new Served.Asked(null, null, null, 1, null, null);

    private final Seconds times = new Seconds(DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss", Locale.ROOT), ZoneOffset.UTC);

    @Override
    public boolean tells(Served served) {
        return true;
    }

    @Override
    public void write(Served served, LineBytes to) {
        Served.Asked asked = served.isSession() ? NOTHING : served.request();
        to.text("{\"time\":\"").text(times.of(served.endedMillis())).text(".").digits(Math.floorMod(served.endedMillis(), MILLIS)).text("Z\"");
        to.text(",\"protocol\":").json(served.protocol().wireName());
        to.text(",\"visitor\":").json(Addresses.text(served.visitor()));
        to.text(",\"user\":").json(served.user());
        to.text(",\"host\":").json(served.host());
        to.text(",\"account\":").json(served.account());
        to.text(",\"method\":").json(asked.method());
        to.text(",\"target\":").json(asked.target());
        to.text(",\"unread\":").json(asked.line());
        to.text(",\"status\":").text(served.isSession() ? "null" : Integer.toString(served.status()));
        to.text(",\"error\":").json(served.error());
        to.text(",\"complete\":").text(Boolean.toString(served.complete()));
        to.text(",\"bytes_in\":").number(served.bytesIn());
        to.text(",\"bytes_out\":").number(served.bytesOut());
        to.text(",\"duration_ms\":").millis(served.durationNanos());
        to.text(",\"wait_ms\":").millis(served.waitNanos());
        to.text(",\"agent_ms\":").millis(served.agentNanos());
        to.text(",\"resent\":").number(served.resent());
        to.text(",\"request_id\":").json(served.requestId());
        to.text(",\"referer\":").json(asked.referer());
        to.text(",\"user_agent\":").json(asked.userAgent());
        to.text("}\n");
    }
}
