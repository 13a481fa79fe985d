package tunnelforge.agent.files;

import java.io.EOFException;
import java.io.IOException;
import tunnelforge.http.BodySource;
import tunnelforge.http.Fields;

/** A body of known length that the agent has itself. */
final class OwnBody implements BodySource {
    /** Where the bytes come from. */
    interface Bytes {
        /** Reads some, as {@link java.io.InputStream#read(byte[], int, int)} does. */
        int read(byte[] b, int off, int len) throws IOException;
    }

    static final OwnBody NONE = new OwnBody(0, (b, off, len) -> -1);

    private final Bytes bytes;
    private long left;

    OwnBody(long length, Bytes bytes) {
        this.left = length;
        this.bytes = bytes;
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
        if (left == 0) {
            return -1;
        }
        int count = bytes.read(b, off, (int) Math.min(len, left));
        if (count < 0) {
            throw new EOFException("it ends " + left + " bytes before its end");
        }
        left -= count;
        return count;
    }

    @Override
    public boolean ready() {
        return true;
    }

    @Override
    public boolean ended() {
        return left == 0;
    }

    @Override
    public Fields trailers() {
        return new Fields();
    }
}
