package tunnelforge.server.accesslog;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import tunnelforge.log.AppendedFile;

/** Where lines go. For one task. */
interface Output extends AutoCloseable {
    /** Writes what remains of whole lines; where that fails, the position says how much of it was written. */
    void write(ByteBuffer lines) throws IOException;

    @Override
    void close();

    /** Throws {@link IOException} when it cannot be written to. */
    static Output of(AccessLogOptions options) throws IOException {
        return options.toStandardOutput() ? new Standard() : new ToFile(options.file());
    }

    /** A file, which may be put aside while lines are written, by whoever rotates logs. */
    final class ToFile implements Output {
        private final AppendedFile file;

        ToFile(Path path) throws IOException {
            file = new AppendedFile(path, PosixFilePermissions.fromString("rw-r-----"));
            file.open();
        }

        @Override
        public void write(ByteBuffer lines) throws IOException {
            if (file.open()) {
                toLineStart(lines);
            }
            file.append(lines);
        }

        /** A line does not begin in one file and end in another. */
        private static void toLineStart(ByteBuffer lines) {
            while (lines.position() > 0 && lines.get(lines.position() - 1) != '\n') {
                lines.position(lines.position() - 1);
            }
        }

        @Override
        public void close() {
            file.close();
        }
    }

    /** Standard output, which stays open. */
    final class Standard implements Output {
        private final FileChannel channel = new FileOutputStream(FileDescriptor.out).getChannel();

        @Override
        public void write(ByteBuffer lines) throws IOException {
            while (lines.hasRemaining()) {
                channel.write(lines);
            }
        }

        @Override
        public void close() {
        }
    }
}
