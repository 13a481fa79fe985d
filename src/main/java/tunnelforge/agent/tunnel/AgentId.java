package tunnelforge.agent.tunnel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import tunnelforge.log.Log;

/**
 * The secret by which an agent that was killed and started again takes its name over at once: 128 random bits, one for each state directory,
 * server, target and asked name. The file stays locked until {@link #close}, so a second live agent uses a fresh id and cannot displace the
 * first.
 */
public final class AgentId implements AutoCloseable {
    private static final int BYTES = 16;
    private static final String FOLDER = "agents";

    private final String value;
    private final FileChannel locked;

    private AgentId(String value, FileChannel locked) {
        this.value = value;
        this.locked = locked;
    }

    /** The kept id of {@code what}, made when there is none; one that is used for this run only where none can be kept. */
    public static AgentId own(Path stateDirectory, List<String> what, Log log) {
        try {
            Path folder = stateDirectory.resolve(FOLDER);
            Files.createDirectories(folder, ownerOnly("rwx------"));
            FileChannel channel = FileChannel.open(folder.resolve(hash(what)), Set.of(StandardOpenOption.CREATE,
                    StandardOpenOption.READ, StandardOpenOption.WRITE), ownerOnly("rw-------"));
            if (!lock(channel)) {
                channel.close();
                return new AgentId(fresh(), null);
            }
            return new AgentId(keptIn(channel), channel);
        } catch (IOException e) {
            log.debug("agent_id_not_kept", "no id can be kept in the state directory", "error", e.toString());
            return new AgentId(fresh(), null);
        }
    }

    private static boolean lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    /** 32 hexadecimal digits; a secret. */
    public String value() {
        return value;
    }

    @Override
    public void close() {
        try {
            if (locked != null) {
                locked.close();
            }
        } catch (IOException e) {
            // Nothing was to be written.
        }
    }

    private static String keptIn(FileChannel channel) throws IOException {
        ByteBuffer kept = ByteBuffer.allocate(2 * BYTES + 1);
        while (kept.hasRemaining() && channel.read(kept) >= 0) {
            // Until the end, or one more than there may be.
        }
        String text = new String(kept.array(), 0, kept.position(), StandardCharsets.US_ASCII);
        if (text.matches("[0-9a-f]{" + 2 * BYTES + "}")) {
            return text;
        }
        String made = fresh();
        channel.truncate(0);
        channel.write(ByteBuffer.wrap(made.getBytes(StandardCharsets.US_ASCII)), 0);
        return made;
    }

    private static String fresh() {
        byte[] bits = new byte[BYTES];
        new SecureRandom().nextBytes(bits);
        return HexFormat.of().formatHex(bits);
    }

    private static String hash(List<String> what) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String part : what) {
                digest.update(part.getBytes(StandardCharsets.UTF_8));
                digest.update((byte) 0);
            }
            return HexFormat.of().formatHex(digest.digest(), 0, BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static FileAttribute<?>[] ownerOnly(String permissions) {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))}
                : new FileAttribute<?>[0];
    }
}
