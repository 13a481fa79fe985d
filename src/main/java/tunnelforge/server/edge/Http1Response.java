package tunnelforge.server.edge;

import java.io.IOException;
import tunnelforge.http.BodySink;
import tunnelforge.http.Fields;
import tunnelforge.http.HttpWriter;
import tunnelforge.net.Connection;

/** The body of a response on an HTTP/1.1 connection, or what follows a 101. */
final class Http1Response implements VisitorStream.Response {
    private final Connection connection;
    private final HttpWriter writer;
    private final BodySink to;
    private final boolean endLooksComplete;
    private final RequestNotes notes;
    private boolean ended;

    /**
     * @param writer has written the head
     * @param endLooksComplete whether a visitor takes the end of the connection for the end of the response
     * @param notes are told how much has left
     */
    Http1Response(Connection connection, HttpWriter writer, BodySink to, boolean endLooksComplete, RequestNotes notes) {
        this.connection = connection;
        this.writer = writer;
        this.to = to;
        this.endLooksComplete = endLooksComplete;
        this.notes = notes;
    }

    @Override
    public void write(byte[] b, int off, int len) throws IOException {
        to.write(b, off, len);
        notes.left(len);
    }

    @Override
    public void flush() throws IOException {
        to.flush();
    }

    @Override
    public void end(Fields trailers) throws IOException {
        to.end(ForwardedHeads.trailers(trailers));
        ended = true;
        notes.completed();
    }

    /** Without an end: with what has been written, and with a reset where the end of the connection alone would look complete. */
    @Override
    public void close() {
        if (ended) {
            return;
        }
        try (Connection.Total limit = connection.within(VisitorLimits.BREAK_OFF)) {
            writer.flush();
        } catch (IOException e) {
            // Broken it is.
        }
        if (endLooksComplete) {
            connection.abort();
        } else {
            connection.kill();
        }
    }
}
