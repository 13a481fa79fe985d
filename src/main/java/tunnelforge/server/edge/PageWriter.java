package tunnelforge.server.edge;

import java.io.IOException;
import tunnelforge.http.Framing;
import tunnelforge.http.HttpWriter;
import tunnelforge.http.ResponseHead;

/**
 * Writes pages to one visitor of HTTP/1.1: all of them go through here.
 *
 * @param own what answers have of the server's
 * @param notes of the request that is answered
 */
record PageWriter(HttpWriter writer, OwnFields own, RequestNotes notes) {
    /** {@code kept}: whether another request may follow. */
    void write(Page page, Page.Form form, boolean kept) throws IOException {
        notes.answers(page.status(), page.error());
        byte[] bytes = page.body(form);
        ResponseHead head = page.head(form, bytes.length);
        own.addTo(head.fields());
        head.fields().add("Connection", (head.fields().contains("Upgrade") ? "Upgrade, " : "") + (kept ? "keep-alive" : "close"));
        writer.head(head);
        writer.startBody(form.bodiless() ? Framing.NONE : new Framing.Length(bytes.length));
        if (!form.bodiless()) {
            writer.body(bytes, 0, bytes.length);
            notes.left(bytes.length);
        }
        writer.endBody(null);
        writer.flush();
        notes.completed();
    }
}
