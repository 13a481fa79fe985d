package tunnelforge.server.access;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.function.Consumer;
import tunnelforge.log.AppendedFile;

/** A file of lines for the owner's eyes only, which is put aside when it is large: {@code name.1} is the last one, {@code name.5} the oldest that is kept. For one task. */
final class RotatingFile extends OutputStream {
    private static final int KEPT = 5;
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    private final Path file;
    private final long most;
    private final Consumer<IOException> onFailure;
    private final AppendedFile appended;
    private boolean failed;

    /**
     * It is made when the first line is written.
     *
     * @param most bytes of one file
     * @param onFailure is told when lines are lost, once until one is written again
     */
    RotatingFile(Path file, long most, Consumer<IOException> onFailure) {
        this.file = file;
        this.appended = new AppendedFile(file, OWNER_ONLY);
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
                appended.append(ByteBuffer.wrap(new byte[] {'\n'}));
            }
            appended.append(ByteBuffer.wrap(b, off, len));
            failed = false;
        } catch (IOException e) {
            if (!failed) {
                failed = true;
                onFailure.accept(e);
            }
        }
    }

    /** The file with room for a line, wherever it was put since the last one. */
    private void open(int len) throws IOException {
        open();
        if (appended.size() > 0 && appended.size() + len > most) {
            appended.close();
            rotate();
            open();
        }
    }

    private void open() throws IOException {
        if (appended.open() && file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            // It may have been there.
            Files.setPosixFilePermissions(file, OWNER_ONLY);
        }
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
        appended.close();
    }
}
