package tunnelforge.server.edge;

import java.io.IOException;
import tunnelforge.http.BodySink;
import tunnelforge.http.BodySource;
import tunnelforge.http.Fields;

/** Bodies as the edge passes them on: with trailers in which nobody speaks for us. */
final class ForwardedBodies {
    private ForwardedBodies() {
    }

    /** From a visitor. */
    record Source(BodySource from) implements BodySource {
        @Override
        public int read(byte[] b, int off, int len) throws IOException {
            return from.read(b, off, len);
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
            return ForwardedHeads.trailers(from.trailers());
        }
    }

    /** To a visitor. */
    record Sink(BodySink to) implements BodySink {
        @Override
        public void write(byte[] b, int off, int len) throws IOException {
            to.write(b, off, len);
        }

        @Override
        public void flush() throws IOException {
            to.flush();
        }

        @Override
        public void end(Fields trailers) throws IOException {
            to.end(ForwardedHeads.trailers(trailers));
        }
    }
}
