package tunnelforge.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** A file that lines are appended to, wherever it is put meanwhile: when another one, or none, has its name, a new one is opened. For one task. */
public final class AppendedFile implements AutoCloseable {
    private final Path file;
    private final Set<PosixFilePermission> permissions;
    private FileChannel channel;
    /** Which file that is, where the system tells. */
    private Object key;

    /**
     * It is opened when it is needed.
     *
     * @param permissions of the file where it is made, less what the process's mask takes
     */
    public AppendedFile(Path file, Set<PosixFilePermission> permissions) {
        this.file = file;
        this.permissions = permissions;
    }

    /** Sees to it that the file of this name is open; says whether it was opened just now. */
    public boolean open() throws IOException {
        if (channel != null && !isThere()) {
            close();
        }
        if (channel != null) {
            return false;
        }
        boolean modes = file.getFileSystem().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] attributes = modes ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(permissions)} : new FileAttribute<?>[0];
        channel = FileChannel.open(file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND), attributes);
        key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
        return true;
    }

    private boolean isThere() throws IOException {
        try {
            return key == null || key.equals(Files.readAttributes(file, BasicFileAttributes.class).fileKey());
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /** Bytes in it. Once it is open. */
    public long size() throws IOException {
        return channel.size();
    }

    /** Appends what remains; where that fails, the position says how much of it was written. Once it is open. */
    public void append(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    @Override
    public void close() {
        FileChannel open = channel;
        channel = null;
        try {
            if (open != null) {
                open.close();
            }
        } catch (IOException e) {
            // All that could be written has been.
        }
    }
}
