package tunnelforge.agent.tunnel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import tunnelforge.log.Log;
import tunnelforge.mux.Journal;
import tunnelforge.text.Digests;
import tunnelforge.text.Ids;

/**
 * The secret by which an agent that was killed and started again takes its name over at once: 128 random bits, one for each state directory,
 * server, target and asked name. The file stays locked until {@link #close}, so a second live agent uses a fresh id and cannot displace the
 * first. When the first has ended, {@link #adopt} keeps the second's id in its place: the next start must find the id that the server knows.
 */
public final class AgentId implements AutoCloseable {
    private static final int BYTES = 16;
    private static final String FOLDER = "agents";
    private static final String JOURNALS = "journals";
    /** Linux's name for this run of the machine. */
    private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");

    private final String value;
    /** Null when no file can be had. */
    private final FileChannel file;
    private final Journal journal;
    private FileLock lock;
    private boolean kept;

    private AgentId(String value, FileChannel file, FileLock lock, Journal journal) {
        this.value = value;
        this.file = file;
        this.lock = lock;
        this.journal = journal;
        this.kept = lock != null;
    }

    /** The kept id of {@code what}, made when there is none; a fresh one where the file is another agent's still, or cannot be had. */
    public static AgentId own(Path stateDirectory, List<String> what, Log log) {
        FileChannel file = null;
        try {
            String name = hash(what);
            file = open(stateDirectory.resolve(FOLDER), name);
            FileLock lock = lock(file);
            return lock == null ? new AgentId(fresh(), file, null, null) : new AgentId(keptIn(file), file, lock, journal(stateDirectory.resolve(JOURNALS), name, log));
        } catch (IOException e) {
            log.debug("agent_id_not_kept", "no id can be kept in the state directory", "error", e.toString());
            close(file);
            return new AgentId(fresh(), null, null, null);
        }
    }

    private static FileChannel open(Path folder, String name) throws IOException {
        Files.createDirectories(folder, ownerOnly("rwx------"));
        return FileChannel.open(folder.resolve(name), Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE), ownerOnly("rw-------"));
    }

    /** Null when it cannot be had. */
    private static Journal journal(Path folder, String name, Log log) {
        try (FileChannel file = open(folder, name)) {
            return new Journal(file, Files.readString(BOOT).strip());
        } catch (IOException e) {
            log.debug("journal_not_kept", "which requests have run cannot be written down for the agent's next start", "error", e.toString());
            return null;
        }
    }

    /** Null while another has it. */
    private static FileLock lock(FileChannel file) throws IOException {
        try {
            return file.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    /** Keeps this id as soon as the agent that had the file is gone; to be called now and then by one task, costs little. */
    public void adopt() {
        if (kept || file == null) {
            return;
        }
        try {
            lock = lock == null ? lock(file) : lock;
            if (lock != null) {
                keep(file, value);
                kept = true;
            }
        } catch (IOException e) {
            // Tried again at the next call.
        }
    }

    /** 32 hexadecimal digits; a secret. */
    public String value() {
        return value;
    }

    /** What this agent's last process has run, and what this one does; null for a second live agent, and where no file can be had. */
    public Journal journal() {
        return journal;
    }

    @Override
    public void close() {
        close(file);
    }

    private static void close(FileChannel file) {
        try {
            if (file != null) {
                file.close();
            }
        } catch (IOException e) {
            // Nothing was to be written.
        }
    }

    private static String keptIn(FileChannel file) throws IOException {
        ByteBuffer kept = ByteBuffer.allocate(2 * BYTES + 1);
        while (kept.hasRemaining() && file.read(kept) >= 0) {
            // Until the end, or one more than there may be.
        }
        String text = new String(kept.array(), 0, kept.position(), StandardCharsets.US_ASCII);
        if (text.matches("[0-9a-f]{" + 2 * BYTES + "}")) {
            return text;
        }
        String made = fresh();
        keep(file, made);
        return made;
    }

    /** An id of the same length is overwritten in one write, so that a crash leaves the old one or the new one. */
    private static void keep(FileChannel file, String id) throws IOException {
        file.write(ByteBuffer.wrap(id.getBytes(StandardCharsets.US_ASCII)), 0);
        file.truncate(2 * BYTES);
    }

    private static String fresh() {
        return Ids.secret(new SecureRandom());
    }

    private static String hash(List<String> what) {
        return HexFormat.of().formatHex(Digests.sha256((String.join("\0", what) + "\0").getBytes(StandardCharsets.UTF_8)), 0, BYTES);
    }

    private static FileAttribute<?>[] ownerOnly(String permissions) {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))}
                : new FileAttribute<?>[0];
    }
}
