package tunnelforge.server.edge;

import java.io.IOException;
import tunnelforge.http.BodySource;
import tunnelforge.http.Fields;
import tunnelforge.http.HttpReader;
import tunnelforge.http.HttpWriter;
import tunnelforge.net.Connection;

/** What follows a 101 on an HTTP/1.1 connection. */
final class Http1Session {
    private Http1Session() {
    }

    /** From the visitor. */
    record Source(HttpReader reader) implements BodySource {
        @Override
        public int read(byte[] b, int off, int len) throws IOException {
            return reader.readRaw(b, off, len);
        }

        @Override
        public boolean ready() {
            return reader.buffered() > 0;
        }

        @Override
        public boolean ended() {
            return false;
        }

        @Override
        public Fields trailers() {
            return new Fields();
        }
    }

    /** To the visitor. */
    static final class Sink implements VisitorStream.Response {
        private final Connection connection;
        private final HttpWriter writer;
        private boolean ended;

        Sink(Connection connection, HttpWriter writer) {
            this.connection = connection;
            this.writer = writer;
        }

        @Override
        public void write(byte[] b, int off, int len) throws IOException {
            writer.raw(b, off, len);
        }

        @Override
        public void flush() throws IOException {
            writer.flush();
        }

        @Override
        public void end(Fields trailers) throws IOException {
            writer.flush();
            connection.finish();
            ended = true;
        }

        @Override
        public void close() {
            if (!ended) {
                Http1Response.breakOff(connection, writer, true);
            }
        }
    }
}
