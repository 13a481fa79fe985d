package tunnelforge.server;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import tunnelforge.server.tls.PrivateDirectory;
import tunnelforge.text.Ids;

/** What the admin port asks for. {@code file}: where it is. */
record AdminToken(String secret, Path file) {
    private static final String STATE_FILE = "admin-token";
    private static final int LEAST_CHARS = 16;
    private static final long MAX_BYTES = 4096;

    /** From a file of the operator's, whose first line it is. */
    static AdminToken read(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException(file + " has more than " + MAX_BYTES + " bytes; a token is wanted");
        }
        String secret;
        try {
            secret = Files.readString(file).lines().findFirst().orElse("").strip();
        } catch (MalformedInputException e) {
            throw new IOException(file + " is no text; a token is wanted", e);
        }
        if (secret.length() < LEAST_CHARS) {
            throw new IOException(file + ": the token in its first line has " + secret.length() + " characters; " + LEAST_CHARS + " are the least");
        }
        return new AdminToken(secret, file);
    }

    /** The one in the state directory, made when it is first needed. */
    static AdminToken ofState(Path stateDirectory) throws IOException {
        PrivateDirectory directory = PrivateDirectory.open(stateDirectory);
        Path file = directory.file(STATE_FILE);
        if (!Files.exists(file)) {
            Path made = directory.makeWork().resolve(STATE_FILE);
            Files.write(made, (Ids.secret(new SecureRandom()) + "\n").getBytes(StandardCharsets.US_ASCII));
            directory.replaceSecret(STATE_FILE, made);
            directory.removeWork();
        }
        directory.tighten(STATE_FILE);
        return read(file);
    }

    @Override
    public String toString() {
        return "AdminToken[hidden, in " + file + "]";
    }
}
