package tunnelforge.net;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/** A file that is read again when it has changed. One that cannot be read is tried again at each look, and told of once. One task looks. */
public final class WatchedFile {
    /** What is done with a changed file. */
    public interface Reading {
        /** Reads it whole, before anything is done about it. */
        void read() throws IOException;
    }

    private final Path path;
    /** Null when it could not be looked at. */
    private FileStamp stamp;
    /** Why the last look was in vain; null when it was not. */
    private String failure;

    /** A file as it is now: to be made before it is read for the first time. */
    public WatchedFile(Path path) {
        this.path = path;
        try {
            stamp = FileStamp.of(path);
        } catch (IOException e) {
            failure = String.valueOf(e.getMessage());
        }
    }

    /**
     * Has it read if it is another than when it was last read.
     *
     * @param unread is told why it cannot be read, once for each reason
     */
    public void look(Reading reading, Consumer<IOException> unread) {
        try {
            FileStamp now = FileStamp.of(path);
            if (!now.equals(stamp)) {
                reading.read();
                stamp = now;
            }
            failure = null;
        } catch (IOException e) {
            String reason = String.valueOf(e.getMessage());
            if (!reason.equals(failure)) {
                failure = reason;
                unread.accept(e);
            }
        }
    }
}
