package tunnelforge.server.accesslog;

import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import tunnelforge.server.edge.Served;
import tunnelforge.text.Addresses;

/** The combined format of Apache, as nginx writes it; it has nothing to say of sessions. */
final class CombinedFormat implements LineFormat {
    /** In a name outside quotes these would begin another field. */
    private static final String ENDS_NAME = " []";

    private final Seconds times;

    CombinedFormat(ZoneId zone) {
        times = new Seconds(DateTimeFormatter.ofPattern("dd/MMM/uuuu:HH:mm:ss xx", Locale.ENGLISH), zone);
    }

    @Override
    public boolean tells(Served served) {
        return !served.isSession();
    }

    @Override
    public void write(Served served, LineBytes to) {
        Served.Asked asked = served.request();
        to.text(Addresses.text(served.visitor())).text(" - ").octets(utf8(served.user()), ENDS_NAME).text(" [").text(times.of(served.endedMillis())).text("] \"");
        if (asked.method() == null) {
            to.octets(asked.line());
        } else {
            to.octets(asked.method()).text(" ").octets(asked.target()).text(" HTTP/1.").number(asked.minorVersion());
        }
        to.text("\" ").number(served.status()).text(" ").number(served.bytesOut()).text(" \"").octets(asked.referer()).text("\" \"").octets(asked.userAgent()).text("\"\n");
    }

    /** Without quotes an empty name would be no field at all. */
    private static String utf8(String text) {
        return text == null || text.isEmpty() ? null : new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }
}
