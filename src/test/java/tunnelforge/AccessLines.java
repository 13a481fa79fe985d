package tunnelforge;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tunnelforge.json.JsonException;
import tunnelforge.json.JsonObject;
import tunnelforge.json.JsonReader;

/** The lines of an access log, one after the other. */
public final class AccessLines {
    private final Path file;
    private int seen;

    public AccessLines(Path file) {
        this.file = file;
    }

    /** All whole lines so far. */
    public List<String> all() {
        try {
            String text = Files.readString(file, StandardCharsets.US_ASCII);
            return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How many lines were taken. */
    int seen() {
        return seen;
    }

    /** The line behind the last one that was taken; waits for it. */
    public String next() {
        Eventually.await(() -> "there is a line " + (seen + 1) + " in " + all(), Eventually.LIMIT, () -> all().size() > seen);
        return all().get(seen++);
    }

    /** The same of an access log in JSON. */
    public JsonObject nextObject() throws JsonException {
        return JsonReader.parseObject(next());
    }
}
