package tunnelforge.cli;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Set;
import tunnelforge.json.JsonException;
import tunnelforge.json.JsonObject;
import tunnelforge.json.JsonReader;

/** Files of settings that a person writes: JSON with comments. What is wrong in one is told with the file, line and column. */
public final class ConfigFile {
    private static final long MAX_BYTES = 1024 * 1024;

    /** Makes something of a file's content; {@link JsonObject#error} says what is wrong with a member. */
    public interface Reading<T> {
        /** Takes what it needs. */
        T from(JsonObject content) throws JsonException;
    }

    private ConfigFile() {
    }

    /**
     * Reads a file.
     *
     * @throws IOException when it cannot be read, or something in it is wrong; the message names the file, and no value that may be a secret
     */
    public static <T> T read(Path file, Reading<T> reading) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException(file + " is a directory");
        }
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException(file + " is larger than " + MAX_BYTES + " bytes");
        }
        try {
            return reading.from(JsonReader.parseConfig(Files.readString(file)));
        } catch (JsonException e) {
            throw new IOException(e.in(file), e);
        } catch (CharacterCodingException e) {
            throw new IOException(file + ": the text is not UTF-8", e);
        }
    }

    /** Refuses members that nobody asks for: one that is mistyped would have no effect, and nobody would notice. */
    public static void onlyKnows(JsonObject object, List<String> names) throws JsonException {
        for (String name : object.members().keySet()) {
            if (!names.contains(name)) {
                throw object.error(name, "is not known" + Suggestion.forMistyped(name, names));
            }
        }
    }

    /** Whether others than its owner may read it; false where the file system does not tell. */
    public static boolean isOpenToOthers(Path file) throws IOException {
        if (!file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return false;
        }
        Set<PosixFilePermission> granted = Files.getPosixFilePermissions(file);
        return granted.contains(PosixFilePermission.GROUP_READ) || granted.contains(PosixFilePermission.OTHERS_READ);
    }
}
