package tunnelforge.server.edge;

import java.io.IOException;
import tunnelforge.http.Fields;
import tunnelforge.http.Framing;
import tunnelforge.http.HttpWriter;
import tunnelforge.net.Connection;

/** The body of a response on an HTTP/1.1 connection. */
final class Http1Response implements VisitorStream.Response {
    private final Connection connection;
    private final HttpWriter writer;
    private final Framing framing;
    private boolean ended;

    /** {@code writer} has written the head, and knows the framing. */
    Http1Response(Connection connection, HttpWriter writer, Framing framing) {
        this.connection = connection;
        this.writer = writer;
        this.framing = framing;
    }

    @Override
    public void write(byte[] b, int off, int len) throws IOException {
        writer.body(b, off, len);
    }

    @Override
    public void flush() throws IOException {
        writer.flush();
    }

    @Override
    public void end(Fields trailers) throws IOException {
        writer.endBody(framing instanceof Framing.Chunked ? trailers : null);
        writer.flush();
        ended = true;
    }

    @Override
    public void close() {
        if (!ended) {
            breakOff(connection, writer, framing instanceof Framing.UntilClose);
        }
    }

    /** Ends the connection with what has been written, and with a reset where its end alone would look like the end of the response. */
    static void breakOff(Connection connection, HttpWriter writer, boolean endLooksComplete) {
        try (Connection.Total limit = connection.within(VisitorLimits.DROP)) {
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
