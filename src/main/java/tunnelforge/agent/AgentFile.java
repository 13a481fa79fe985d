package tunnelforge.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tunnelforge.json.JsonException;
import tunnelforge.json.JsonObject;
import tunnelforge.json.JsonReader;

/**
 * {@code agent.json} in the state directory: where the server is when nothing else says so. A server writes it for agents of the same
 * user; a person writes it for a server elsewhere.
 *
 * @param server {@code host:port}; null when the file does not say
 * @param token null when the file does not say
 * @param ca a PEM file; null when the file does not say
 */
record AgentFile(String server, String token, Path ca) {
    private static final long MAX_BYTES = 64 * 1024;

    /** Reads the file; one that is absent says nothing. */
    static AgentFile read(Path stateDirectory) throws IOException {
        Path file = stateDirectory.resolve("agent.json");
        if (!Files.exists(file)) {
            return new AgentFile(null, null, null);
        }
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException(file + " is larger than " + MAX_BYTES + " bytes");
        }
        try {
            JsonObject json = JsonReader.parseConfig(Files.readString(file));
            String ca = json.string("ca", null);
            return new AgentFile(json.string("server", null), json.string("token", null),
                    ca == null ? null : stateDirectory.resolve(ca));
        } catch (JsonException e) {
            throw new IOException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public String toString() {
        return "AgentFile[server=" + server + ", token hidden]";
    }
}
