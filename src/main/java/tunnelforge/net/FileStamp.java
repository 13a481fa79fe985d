package tunnelforge.net;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;

/**
 * By what a change of a file is seen: two writes may fall into one tick of the file system's clock, and a file that takes another's place may be as old. It is taken before
 * the file is read, and kept when that has succeeded: what could not be read is a change still.
 */
public record FileStamp(FileTime modified, long size, Object fileKey) {
    /** Throws IOException when there is no such file, or nobody may know. */
    public static FileStamp of(Path file) throws IOException {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return new FileStamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
        } catch (NoSuchFileException e) {
            throw new IOException(file + ": no such file or directory", e);
        } catch (AccessDeniedException e) {
            throw new IOException(file + ": permission denied", e);
        }
    }
}
