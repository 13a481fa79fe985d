package tunnelforge.net;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** What a connection's reader reads from, above TLS: notes how long a read takes. */
final class TimedInput extends FilterInputStream {
    private final TimeLimits limits;

    TimedInput(InputStream in, TimeLimits limits) {
        super(in);
        this.limits = limits;
    }

    @Override
    public int read() throws IOException {
        limits.readBegins();
        try {
            return in.read();
        } finally {
            limits.readEnds();
        }
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
        limits.readBegins();
        try {
            return in.read(b, off, len);
        } finally {
            limits.readEnds();
        }
    }
}
