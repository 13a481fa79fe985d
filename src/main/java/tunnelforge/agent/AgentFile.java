package tunnelforge.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tunnelforge.cli.ConfigFile;
import tunnelforge.cli.HostPort;
import tunnelforge.cli.UsageException;
import tunnelforge.json.JsonArray;
import tunnelforge.json.JsonException;
import tunnelforge.json.JsonObject;
import tunnelforge.json.JsonString;
import tunnelforge.net.Pin;

/**
 * {@code agent.json} in the state directory: where the server is when nothing else says so. A server writes it for agents of the same
 * user; a person writes it for a server elsewhere.
 *
 * @param server {@code host:port}; null when the file does not say
 * @param token null when the file does not say
 * @param ca a PEM file; null when the file does not say
 * @param certificate a PEM file, to be shown to a server that asks for one; null when the file does not say
 * @param key of that certificate, a PEM file; null when the file does not say
 * @param pins one, or an array of them, under {@code pin}; empty when the file does not say
 */
record AgentFile(String server, String token, Path ca, Path certificate, Path key, List<Pin> pins) {
    /** The port of a server that is written without one. */
    static final int HTTPS = 443;
    private static final List<String> KEYS = List.of("server", "token", "ca", "pin", "cert", "key");

    /** Reads the file; one that is absent says nothing. */
    static AgentFile read(Path stateDirectory) throws IOException {
        Path file = in(stateDirectory);
        if (!Files.exists(file)) {
            return new AgentFile(null, null, null, null, null, List.of());
        }
        return ConfigFile.read(file, json -> of(json, stateDirectory));
    }

    private static AgentFile of(JsonObject json, Path stateDirectory) throws JsonException {
        ConfigFile.onlyKnows(json, KEYS);
        Path certificate = file(json, "cert", stateDirectory);
        Path key = file(json, "key", stateDirectory);
        if ((certificate == null) != (key == null)) {
            throw json.error(key == null ? "cert" : "key", "needs the other one: cert and key go together");
        }
        return new AgentFile(server(json), json.string("token", null), file(json, "ca", stateDirectory), certificate, key, pins(json));
    }

    private static Path file(JsonObject json, String name, Path stateDirectory) throws JsonException {
        String file = json.string(name, null);
        try {
            return file == null ? null : stateDirectory.resolve(file);
        } catch (InvalidPathException e) {
            throw json.error(name, "cannot be the name of a file");
        }
    }

    private static List<Pin> pins(JsonObject json) throws JsonException {
        List<Pin> pins = new ArrayList<>();
        List<String> texts = switch (json.members().get("pin")) {
            case null -> List.of();
            case JsonString one -> List.of(one.value());
            case JsonArray several -> json.strings("pin");
            default -> throw json.error("pin", "must be a string, or an array of strings");
        };
        for (String text : texts) {
            try {
                pins.add(Pin.parse(text));
            } catch (IllegalArgumentException e) {
                throw json.error("pin", "is wrong: " + e.getMessage());
            }
        }
        return List.copyOf(pins);
    }

    private static String server(JsonObject json) throws JsonException {
        String server = json.string("server", null);
        try {
            if (server != null) {
                HostPort.parse(server, HTTPS);
            }
            return server;
        } catch (UsageException e) {
            throw json.error("server", "is wrong: " + e.getMessage());
        }
    }

    /** Where it lies. */
    static Path in(Path stateDirectory) {
        return stateDirectory.resolve("agent.json");
    }

    @Override
    public String toString() {
        return "AgentFile[server=" + server + ", token hidden]";
    }
}
