package tunnelforge.server.edge;

import java.io.IOException;
import tunnelforge.http.Framing;
import tunnelforge.http.HttpWriter;
import tunnelforge.http.ResponseHead;
import tunnelforge.metrics.Counts;
import tunnelforge.wire.TunnelError;

/**
 * Writes pages to one visitor of HTTP/1.1, and counts the errors that they tell of: all of them go through here.
 *
 * @param own what answers have of the server's
 */
record PageWriter(HttpWriter writer, OwnFields own, Counts<TunnelError> refusals) {
    /** {@code kept}: whether another request may follow. */
    void write(Page page, Page.Form form, boolean kept) throws IOException {
        if (page.error() != null) {
            refusals.add(page.error());
        }
        byte[] bytes = page.body(form);
        ResponseHead head = page.head(form, bytes.length);
        own.addTo(head.fields());
        head.fields().add("Connection", (head.fields().contains("Upgrade") ? "Upgrade, " : "") + (kept ? "keep-alive" : "close"));
        writer.head(head);
        writer.startBody(form.bodiless() ? Framing.NONE : new Framing.Length(bytes.length));
        if (!form.bodiless()) {
            writer.body(bytes, 0, bytes.length);
        }
        writer.endBody(null);
        writer.flush();
    }
}
