package tunnelforge.server.access;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.function.Consumer;

/** A file of lines for the owner's eyes only, which is put aside when it is large: {@code name.1} is the last one, {@code name.5} the oldest that is kept. For one task. */
final class RotatingFile extends OutputStream {
    private static final int KEPT = 5;
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    private final Path file;
    private final long most;
    private final Consumer<IOException> onFailure;
    private FileChannel channel;
    /** Which file that is, where the system tells. */
    private Object key;
    private boolean failed;

    /**
     * It is made when the first line is written.
     *
     * @param most bytes of one file
     * @param onFailure is told when lines are lost, once until one is written again
     */
    RotatingFile(Path file, long most, Consumer<IOException> onFailure) {
        this.file = file;
        this.most = most;
        this.onFailure = onFailure;
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    /** A line, which is whole, or lost. */
    @Override
    public void write(byte[] b, int off, int len) {
        try {
            open(len);
            if (failed) {
                // Half a line may stand there.
                append(ByteBuffer.wrap(new byte[] {'\n'}));
            }
            append(ByteBuffer.wrap(b, off, len));
            failed = false;
        } catch (IOException e) {
            if (!failed) {
                failed = true;
                onFailure.accept(e);
            }
        }
    }

    private void append(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** The file with room for a line, wherever it was put since the last one. */
    private void open(int len) throws IOException {
        if (channel != null && !isThere()) {
            close();
        }
        if (channel == null) {
            open();
        }
        if (channel.size() > 0 && channel.size() + len > most) {
            close();
            rotate();
            open();
        }
    }

    private boolean isThere() throws IOException {
        try {
            return key == null || key.equals(Files.readAttributes(file, BasicFileAttributes.class).fileKey());
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private void open() throws IOException {
        boolean modes = file.getFileSystem().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] attributes = modes ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)} : new FileAttribute<?>[0];
        channel = FileChannel.open(file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND), attributes);
        if (modes) {
            // It may have been there.
            Files.setPosixFilePermissions(file, OWNER_ONLY);
        }
        key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    }

    private void rotate() throws IOException {
        for (int i = KEPT - 1; i >= 1; i--) {
            if (Files.exists(numbered(i))) {
                Files.move(numbered(i), numbered(i + 1), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        Files.move(file, numbered(1), StandardCopyOption.REPLACE_EXISTING);
    }

    private Path numbered(int number) {
        return file.resolveSibling(file.getFileName() + "." + number);
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
