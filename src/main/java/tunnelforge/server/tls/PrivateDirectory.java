package tunnelforge.server.tls;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;

/**
 * A directory that holds secrets: nobody else may write to it, files in it are replaced whole or not at all, and a
 * lock keeps apart the programs that change it. Where the file system knows no modes (Windows), the user's profile
 * protects it.
 */
public final class PrivateDirectory {
    private static final Set<PosixFilePermission> OWNER_ONLY_DIRECTORY = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> READABLE = PosixFilePermissions.fromString("rw-r--r--");
    private static final Duration LOCK_LIMIT = Duration.ofSeconds(90);
    private static final Duration LOCK_RETRY = Duration.ofMillis(20);
    private static final String WORK_PREFIX = ".work-";

    private final Path path;
    private final boolean modes;

    private PrivateDirectory(Path path) {
        this.path = path;
        this.modes = path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    /** What is done while the lock is held. */
    public interface Action<T> {
        T run() throws IOException;
    }

    /** Makes the directory when it is absent, and refuses one that others may write to. */
    public static PrivateDirectory open(Path path) throws IOException {
        PrivateDirectory directory = new PrivateDirectory(path.toAbsolutePath());
        try {
            Files.createDirectories(directory.path, directory.attributes(OWNER_ONLY_DIRECTORY));
        } catch (FileAlreadyExistsException e) {
            throw new IOException("the state directory " + path + " is a file", e);
        } catch (AccessDeniedException e) {
            throw new IOException("the state directory " + path + " may not be made by this user; choose another with"
                    + " --state-dir", e);
        }
        directory.refuseOtherWriters();
        return directory;
    }

    private void refuseOtherWriters() throws IOException {
        if (!modes) {
            return;
        }
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
        if (permissions.contains(PosixFilePermission.GROUP_WRITE)
                || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new IOException("others may write to the state directory " + path + " ("
                    + PosixFilePermissions.toString(permissions) + "), so its keys would prove nothing; give it to one user"
                    + " (chmod go-w " + path + ") or choose another with --state-dir");
        }
        if (!Files.isWritable(path)) {
            throw new IOException("the state directory " + path + " may not be written to by this user; choose another with"
                    + " --state-dir");
        }
    }

    private FileAttribute<?>[] attributes(Set<PosixFilePermission> permissions) {
        return modes ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(permissions)} : new FileAttribute<?>[0];
    }

    public Path file(String name) {
        return path.resolve(name);
    }

    /** Runs the action while no other program and no other task holds the lock of that name. */
    public <T> T locked(String name, Action<T> action) throws IOException {
        Path file = file(name);
        try (FileChannel channel = FileChannel.open(file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                attributes(OWNER_ONLY)); FileLock lock = lock(channel, file)) {
            assert lock.isValid();
            return action.run();
        }
    }

    /** Takes the lock of that name until the channel is closed; null when another server has it. */
    public FileChannel hold(String name) throws IOException {
        FileChannel channel = FileChannel.open(file(name), Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                attributes(OWNER_ONLY));
        try {
            if (channel.tryLock() != null) {
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            // By one in this process.
        }
        channel.close();
        return null;
    }

    private static FileLock lock(FileChannel channel, Path file) throws IOException {
        long end = System.nanoTime() + LOCK_LIMIT.toNanos();
        while (true) {
            try {
                FileLock lock = channel.tryLock();
                if (lock != null) {
                    return lock;
                }
            } catch (OverlappingFileLockException e) {
                // Held by another task of this process: as good as held by another process.
            }
            if (System.nanoTime() - end > 0) {
                throw new IOException("another server has held " + file + " for " + LOCK_LIMIT.toSeconds()
                        + " s; end it, or choose another --state-dir");
            }
            try {
                Thread.sleep(LOCK_RETRY);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while waiting for " + file);
            }
        }
    }

    /**
     * A new directory in this one for the steps of a change, removed by {@link #removeWork()}: by whoever made it or,
     * after a crash, by the next one. The lock is held meanwhile.
     */
    public Path makeWork() throws IOException {
        return Files.createTempDirectory(path, WORK_PREFIX, attributes(OWNER_ONLY_DIRECTORY));
    }

    public void removeWork() throws IOException {
        try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(path, WORK_PREFIX + "*")) {
            for (Path leftover : leftovers) {
                try (DirectoryStream<Path> files = Files.newDirectoryStream(leftover)) {
                    for (Path file : files) {
                        Files.delete(file);
                    }
                }
                Files.delete(leftover);
            }
        }
    }

    /** Puts a finished file in the place of {@code name}, for the owner's eyes only, and on the disk before it counts. */
    public void replaceSecret(String name, Path finished) throws IOException {
        replace(name, finished, OWNER_ONLY);
    }

    /** Puts a finished file in the place of {@code name}, for everybody who may enter the directory. */
    void replaceReadable(String name, Path finished) throws IOException {
        replace(name, finished, READABLE);
    }

    private void replace(String name, Path finished, Set<PosixFilePermission> permissions) throws IOException {
        if (modes) {
            Files.setPosixFilePermissions(finished, permissions);
        }
        try (FileChannel channel = FileChannel.open(finished, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(finished, file(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Takes others' rights from a secret file; true when they had some. */
    public boolean tighten(String name) throws IOException {
        if (!modes || OWNER_ONLY.containsAll(Files.getPosixFilePermissions(file(name)))) {
            return false;
        }
        Files.setPosixFilePermissions(file(name), OWNER_ONLY);
        return true;
    }
}
