package tunnelforge.http;

import java.io.IOException;

/** The bodies of an HTTP/1.1 connection, and the bytes that follow a 101 on it, as sources and sinks. */
public final class HttpBodies {
    private HttpBodies() {
    }

    /** Everything that comes, up to the end of the stream. */
    public static BodySource rawSource(HttpReader reader) {
        return new BodySource() {
            private boolean ended;

            @Override
            public int read(byte[] b, int off, int len) throws IOException {
                int count = ended ? -1 : reader.readRaw(b, off, len);
                ended = count < 0;
                return count;
            }

            @Override
            public boolean ready() {
                return ended || reader.buffered() > 0;
            }

            @Override
            public boolean ended() {
                return ended;
            }

            @Override
            public Fields trailers() {
                return new Fields();
            }
        };
    }

    /** The body that the writer has started; trailers are dropped where it is not chunked. */
    public static BodySink sink(HttpWriter writer) {
        return new BodySink() {
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
                writer.endBody(trailers);
                writer.flush();
            }
        };
    }

    /** Ends a direction of a connection. */
    public interface Ending {
        void end() throws IOException;
    }

    /** Everything as it is; {@code ending} ends the direction when all has been written. */
    public static BodySink rawSink(HttpWriter writer, Ending ending) {
        return new BodySink() {
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
                ending.end();
            }
        };
    }
}
