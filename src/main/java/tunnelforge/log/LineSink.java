package tunnelforge.log;

import java.nio.charset.Charset;
import java.time.ZoneId;
import java.util.function.Consumer;

/** Makes the line of each event, on the thread that logs it, and hands it on whole. */
final class LineSink implements Consumer<LogEvent> {
    private final Consumer<byte[]> lines;
    private final Charset charset;
    private final Log.Format format;
    private final ZoneId zone;

    LineSink(Consumer<byte[]> lines, Charset charset, Log.Format format, ZoneId zone) {
        this.lines = lines;
        this.charset = charset;
        this.format = format;
        this.zone = zone;
    }

    @Override
    public void accept(LogEvent event) {
        lines.accept(line(event, charset, format, zone));
    }

    /** One line, or but in JSON more than one when the event has a stack; with the line end. */
    static byte[] line(LogEvent event, Charset charset, Log.Format format, ZoneId zone) {
        StringBuilder line = new StringBuilder(256);
        switch (format) {
            case TEXT -> Lines.text(line, event, zone);
            case TERMINAL -> Lines.terminal(line, event, zone);
            case JSON -> Lines.json(line, event);
        }
        return line.append('\n').toString().getBytes(charset);
    }
}
