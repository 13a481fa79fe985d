package tunnelforge.agent.tunnel;

import java.io.IOException;
import tunnelforge.http.BodySource;
import tunnelforge.http.Fields;

/** A body that is counted as it leaves. By the task that reads it. */
final class CountedBody implements BodySource {
    private final BodySource body;
    private long bytes;

    CountedBody(BodySource body) {
        this.body = body;
    }

    /** How many bytes of it have left. */
    long bytes() {
        return bytes;
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
        int count = body.read(b, off, len);
        bytes += Math.max(0, count);
        return count;
    }

    @Override
    public boolean ready() {
        return body.ready();
    }

    @Override
    public boolean ended() {
        return body.ended();
    }

    @Override
    public Fields trailers() {
        return body.trailers();
    }
}
