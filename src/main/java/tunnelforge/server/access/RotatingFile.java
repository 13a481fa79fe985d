package tunnelforge.server.access;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** A file of lines for the owner's eyes only, which is put aside when it is large: {@code name.1} is the last one, {@code name.5} the oldest that is kept. For one task. */
final class RotatingFile extends OutputStream {
    private static final int KEPT = 5;

    private final Path file;
    private final long most;
    private FileChannel channel;

    /** {@code most}: bytes of one file. It is made when the first line is written. */
    RotatingFile(Path file, long most) {
        this.file = file;
        this.most = most;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    /** A line, which stays whole. */
    @Override
    public void write(byte[] b, int off, int len) throws IOException {
        if (channel == null) {
            channel = open();
        } else if (!Files.exists(file)) {
            // Somebody else has put it aside.
            close();
            channel = open();
        }
        if (channel.size() > 0 && channel.size() + len > most) {
            close();
            rotate();
            channel = open();
        }
        ByteBuffer line = ByteBuffer.wrap(b, off, len);
        while (line.hasRemaining()) {
            channel.write(line);
        }
    }

    private FileChannel open() throws IOException {
        boolean modes = file.getFileSystem().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] ownerOnly = modes ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))}
                : new FileAttribute<?>[0];
        return FileChannel.open(file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND), ownerOnly);
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
    public void close() throws IOException {
        FileChannel open = channel;
        channel = null;
        if (open != null) {
            open.close();
        }
    }
}
