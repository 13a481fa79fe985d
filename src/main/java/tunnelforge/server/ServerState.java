package tunnelforge.server;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.DateTimeException;
import java.time.YearMonth;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tunnelforge.cli.HostPort;
import tunnelforge.json.JsonException;
import tunnelforge.json.JsonObject;
import tunnelforge.json.JsonReader;
import tunnelforge.json.JsonWriter;
import tunnelforge.log.Log;
import tunnelforge.net.Pin;
import tunnelforge.server.access.Usage;
import tunnelforge.server.tls.PrivateDirectory;
import tunnelforge.server.tunnel.KeptTunnels;
import tunnelforge.text.AccessToken;
import tunnelforge.text.Addresses;

/**
 * What a server keeps in its state directory beside its certificates: {@code server.json}, with the token it made and the key of
 * resume tokens, {@code agent.json}, by which an agent of the same user finds it, and the {@link Directions} for others. A directory serves one
 * server at a time, until {@link #close}: two would overwrite each other's files.
 */
final class ServerState implements Usage.Store, AutoCloseable {
    private static final String SERVER_FILE = "server.json";
    private static final String USAGE_FILE = "usage.json";
    private static final String TUNNELS_FILE = "tunnels.json";
    private static final long MAX_TUNNELS_BYTES = 4L * 1024 * 1024;
    private static final String AGENT_FILE = "agent.json";
    private static final String LOCK = "ca.lock";
    private static final String LIFE_LOCK = "server.lock";
    private static final int KEY_BYTES = 32;

    private final PrivateDirectory directory;
    private final String token;
    private final byte[] resumeKey;
    private final boolean tokenShown;
    private final FileChannel held;

    private ServerState(PrivateDirectory directory, FileChannel held, String token, byte[] resumeKey, boolean tokenShown) {
        this.directory = directory;
        this.held = held;
        this.token = token;
        this.resumeKey = resumeKey;
        this.tokenShown = tokenShown;
    }

    /** Reads the state, or makes it on first start. */
    static ServerState open(Path path, SecureRandom random) throws IOException {
        PrivateDirectory directory = PrivateDirectory.open(path);
        FileChannel held = directory.hold(LIFE_LOCK);
        if (held == null) {
            throw new IOException("another server uses the state directory " + path + "; end it, or give this one its own with --state-dir");
        }
        try {
            return directory.locked(LOCK, () -> openLocked(directory, held, random));
        } catch (IOException e) {
            held.close();
            throw e;
        }
    }

    private static ServerState openLocked(PrivateDirectory directory, FileChannel held, SecureRandom random) throws IOException {
        Path file = directory.file(SERVER_FILE);
        if (Files.exists(file)) {
            directory.tighten(SERVER_FILE);
            try {
                JsonObject json = JsonReader.parseObject(Files.readString(file));
                String token = json.string("token");
                byte[] key = HexFormat.of().parseHex(json.string("resume_key"));
                if (token.isEmpty() || key.length < KEY_BYTES) {
                    throw new JsonException(token.isEmpty() ? "field 'token' is empty" : "field 'resume_key' has " + key.length + " bytes where " + KEY_BYTES + " are needed");
                }
                return new ServerState(directory, held, token, key, json.bool("token_shown", true));
            } catch (JsonException | IllegalArgumentException | CharacterCodingException e) {
                throw new IOException(file + " cannot be read: " + e.getMessage()
                        + "; mend it, or delete it to get a new token", e);
            }
        }
        byte[] key = random(random, KEY_BYTES);
        String token = AccessToken.make(random);
        ServerState made = new ServerState(directory, held, token, key, false);
        made.write(false);
        return made;
    }

    private void write(boolean shown) throws IOException {
        writeSecret(directory, SERVER_FILE, JsonObject.builder().put("token", token).put("resume_key", HexFormat.of().formatHex(resumeKey))
                .put("token_shown", shown).build());
    }

    /** Whether nobody has seen the token so far; from now on somebody has. */
    boolean showsToken() throws IOException {
        if (tokenShown) {
            return false;
        }
        directory.locked(LOCK, () -> {
            write(true);
            return null;
        });
        return true;
    }

    @Override
    public void close() {
        try {
            held.close();
        } catch (IOException e) {
            // Nothing was to be written.
        }
    }

    /** Opens tunnels unless the operator has named another. */
    String token() {
        return token;
    }

    byte[] resumeKey() {
        return resumeKey;
    }

    /** Whether agents of this machine reach the server as localhost, which is also what its certificate names. */
    private static boolean isLocalhost(InetAddress bind) {
        return bind == null || bind.isAnyLocalAddress() || List.of("127.0.0.1", "::1").contains(Addresses.text(bind));
    }

    /**
     * Writes {@code agent.json}, so that {@code agent 8080} by the same user finds this server; one that a person has pointed
     * at a server elsewhere is left alone.
     *
     * @return whether such an agent finds it
     */
    boolean writeAgentFile(InetAddress bind, int port, String agentToken, Path ca, Pin pin, Log log) throws IOException {
        return directory.locked(LOCK, () -> {
            Path file = directory.file(AGENT_FILE);
            String ours = ca.toAbsolutePath().toString();
            if (Files.exists(file) && !pointsHere(file, ours)) {
                log.info("agent_file_kept", "agent.json names another server and was left as it is: agents of this user go there unless told otherwise",
                        "file", file);
                return false;
            }
            boolean local = isLocalhost(bind);
            writeSecret(directory, AGENT_FILE, JsonObject.builder().put("server", new HostPort(local ? "localhost" : Addresses.text(bind), port).toString())
                    .putIfPresent("token", agentToken).put("ca", ours).putIfPresent("pin", local ? null : pin.toString()).build());
            return true;
        });
    }

    @Override
    public Usage read() throws IOException {
        Path file = directory.file(USAGE_FILE);
        if (!Files.exists(file)) {
            return null;
        }
        try {
            JsonObject json = JsonReader.parseObject(Files.readString(file));
            Map<String, Long> bytes = new HashMap<>();
            JsonObject accounts = json.object("bytes");
            for (String account : accounts.members().keySet()) {
                bytes.put(account, accounts.integer(account, 0, Long.MAX_VALUE));
            }
            return new Usage(YearMonth.parse(json.string("month")), bytes);
        } catch (JsonException | DateTimeException e) {
            throw new IOException(file + " cannot be read: " + e.getMessage() + "; mend it, or delete it to count from 0", e);
        }
    }

    @Override
    public void write(Usage usage) throws IOException {
        JsonObject.Builder bytes = JsonObject.builder();
        new TreeMap<>(usage.bytes()).forEach(bytes::put);
        directory.locked(LOCK, () -> {
            writeSecret(directory, USAGE_FILE, JsonObject.builder().put("month", usage.month().toString()).put("bytes", bytes.build()).build());
            return null;
        });
    }

    /** Which tunnels there are. */
    KeptTunnels.Store tunnels() {
        return new KeptTunnels.Store() {
            @Override
            public JsonObject read() throws IOException {
                Path file = directory.file(TUNNELS_FILE);
                if (!Files.exists(file)) {
                    return null;
                }
                if (Files.size(file) > MAX_TUNNELS_BYTES) {
                    throw new IOException(file + " has " + Files.size(file) + " bytes; the limit is " + MAX_TUNNELS_BYTES);
                }
                try {
                    return JsonReader.parseObject(Files.readString(file));
                } catch (JsonException | CharacterCodingException e) {
                    throw new IOException(file + " cannot be read: " + e.getMessage(), e);
                }
            }

            @Override
            public void write(JsonObject tunnels) throws IOException {
                directory.locked(LOCK, () -> {
                    writeSecret(directory, TUNNELS_FILE, tunnels);
                    return null;
                });
            }
        };
    }

    /** Leaves the directions for {@code token show}. */
    void writeDirections(Directions directions) throws IOException {
        directory.locked(LOCK, () -> {
            writeSecret(directory, Directions.FILE, directions.toJson());
            return null;
        });
    }

    /** Whether a server with this state directory has written it. */
    private static boolean pointsHere(Path file, String ca) throws IOException {
        try {
            JsonObject json = JsonReader.parseConfig(Files.readString(file));
            String there = json.string("ca", "");
            // The directory may have been moved.
            return there.equals(ca) || there.endsWith("ca.pem") && json.string("server", "").startsWith("localhost:") && !json.has("pin");
        } catch (JsonException | CharacterCodingException e) {
            return false;
        }
    }

    private static void writeSecret(PrivateDirectory directory, String name, JsonObject json) throws IOException {
        Path finished = directory.makeWork().resolve(name);
        try {
            Files.write(finished, (JsonWriter.writePretty(json) + "\n").getBytes(StandardCharsets.UTF_8));
            directory.replaceSecret(name, finished);
        } finally {
            directory.removeWork();
        }
    }

    private static byte[] random(SecureRandom random, int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }
}
