package tunnelforge.server.access;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;

/** A file that is read again when it has changed. For one task at a time. */
final class WatchedFile {
    private final Path path;
    private Stamp last;

    private record Stamp(FileTime modified, long size, Object key) {
    }

    /** Whoever makes it reads the file next. */
    WatchedFile(Path path) {
        this.path = path;
        this.last = stamp();
    }

    Path path() {
        return path;
    }

    /** Whether it is another than when this was last asked. */
    boolean hasChanged() {
        Stamp before = last;
        last = stamp();
        return !last.equals(before);
    }

    private Stamp stamp() {
        try {
            BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
            return new Stamp(now.lastModifiedTime(), now.size(), now.fileKey());
        } catch (IOException e) {
            // Whoever reads it next says why it is not to be had.
            return new Stamp(FileTime.fromMillis(0), -1, null);
        }
    }
}
