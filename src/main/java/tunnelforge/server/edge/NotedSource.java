package tunnelforge.server.edge;

import java.io.IOException;
import tunnelforge.http.BodySource;
import tunnelforge.http.Fields;

/** What a visitor sends behind a 101, noted as it comes. */
record NotedSource(BodySource from, RequestNotes notes) implements BodySource {
    @Override
    public int read(byte[] b, int off, int len) throws IOException {
        int count = from.read(b, off, len);
        notes.came(count);
        return count;
    }

    @Override
    public boolean ready() {
        return from.ready();
    }

    @Override
    public boolean ended() {
        return from.ended();
    }

    @Override
    public Fields trailers() {
        return from.trailers();
    }
}
