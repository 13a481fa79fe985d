package tunnelforge.log;

import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/** Writes each event as one line in one write. The lock is the innermost of all: nothing is called under it but the stream. */
final class LineSink implements Consumer<LogEvent> {
    private final PrintStream out;
    private final Log.Format format;
    private final ZoneId zone;
    private final Charset charset;
    private final ReentrantLock lock = new ReentrantLock();

    LineSink(PrintStream out, Log.Format format, ZoneId zone) {
        this.out = out;
        this.format = format;
        this.zone = zone;
        this.charset = switch (format) {
            case TEXT -> out.charset();
            case JSON -> StandardCharsets.UTF_8;
        };
    }

    @Override
    public void accept(LogEvent event) {
        StringBuilder line = new StringBuilder(256);
        switch (format) {
            case TEXT -> Lines.text(line, event, zone);
            case JSON -> Lines.json(line, event);
        }
        byte[] bytes = line.append('\n').toString().getBytes(charset);
        lock.lock();
        try {
            out.write(bytes, 0, bytes.length);
            out.flush();
        } finally {
            lock.unlock();
        }
    }
}
