package tunnelforge.server.tls;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The JDK's own {@code keytool} as a child process: the only public way of the JDK to make a certificate. A call
 * takes about a second, so it is made when something is missing and never to find out.
 */
record KeyTool(Path command) {
    /** PKCS12 wants one; it is no secret, what protects the keys is the mode of the file. */
    static final String PASSWORD = "tunnelforge";

    private static final String PASSWORD_VARIABLE = "TUNNELFORGE_STORE_PASSWORD";
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int MAX_OUTPUT_SHOWN = 500;
    /** A day back: agents whose clock is a little slow must not refuse what was made a moment ago. */
    private static final String START = "-1d";

    static KeyTool ofThisRuntime() {
        return new KeyTool(Path.of(System.getProperty("java.home"), "bin", "keytool"));
    }

    /** A new P-256 key with a certificate from {@code signer}, or from itself when that is null. */
    void generate(Path store, String alias, String signer, String subject, Profile profile) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("-genkeypair", "-alias", alias, "-keyalg", "EC",
                "-groupname", "secp256r1", "-sigalg", "SHA256withECDSA", "-dname", subject, "-storetype", "PKCS12"));
        if (signer != null) {
            arguments.addAll(List.of("-signer", signer));
        }
        arguments.addAll(profile.arguments());
        run(store, arguments);
    }

    /** A new certificate for a key that is in the store already, as PEM; the store stays as it is. */
    String certify(Path store, String alias, String signer, Profile profile) throws IOException {
        Path request = store.resolveSibling("request.pem");
        Path certificate = store.resolveSibling("certificate.pem");
        run(store, List.of("-certreq", "-alias", alias, "-file", request.toString()));
        List<String> arguments = new ArrayList<>(List.of("-gencert", "-alias", signer, "-sigalg", "SHA256withECDSA",
                "-rfc", "-infile", request.toString(), "-outfile", certificate.toString()));
        arguments.addAll(profile.arguments());
        run(store, arguments);
        return Files.readString(certificate);
    }

    /**
     * What a certificate is for.
     *
     * @param days how long it is valid
     * @param extensions as keytool's {@code -ext} takes them
     */
    record Profile(int days, List<String> extensions) {
        private List<String> arguments() {
            List<String> arguments = new ArrayList<>(List.of("-validity", Integer.toString(days), "-startdate", START));
            for (String extension : extensions) {
                arguments.addAll(List.of("-ext", extension));
            }
            return arguments;
        }
    }

    private void run(Path store, List<String> arguments) throws IOException {
        List<String> line = new ArrayList<>(List.of(command.toString(), "-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC",
                "-J-Duser.language=en",
                // Thousands of hash rounds slow down every start and guard nothing: the password is public.
                "-J-Dkeystore.pkcs12.keyPbeIterationCount=1", "-J-Dkeystore.pkcs12.certPbeIterationCount=1",
                "-J-Dkeystore.pkcs12.macIterationCount=1"));
        line.addAll(arguments);
        line.addAll(List.of("-keystore", store.toString(), "-storepass:env", PASSWORD_VARIABLE));
        Path output = store.resolveSibling("keytool.out");
        ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().put(PASSWORD_VARIABLE, PASSWORD);
        // Agents and ports that these set up for the server must not be set up a second time.
        builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"));
        Process process = start(builder);
        try {
            process.getOutputStream().close();
            if (!process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException(command + " did not end within " + LIMIT.toSeconds() + " s");
            }
            if (process.exitValue() != 0) {
                throw new IOException(command + " " + arguments.getFirst() + " failed: " + said(output));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while " + command + " was at work");
        } finally {
            process.destroyForcibly();
        }
    }

    private Process start(ProcessBuilder builder) throws IOException {
        try {
            return builder.start();
        } catch (IOException e) {
            throw new IOException(command + ", which makes the server's certificate, cannot be run: " + e.getMessage()
                    + "; use a Java runtime that has it, or give a certificate with --cert and --key", e);
        }
    }

    private static String said(Path output) throws IOException {
        try (var in = Files.newInputStream(output)) {
            return new String(in.readNBytes(MAX_OUTPUT_SHOWN), StandardCharsets.UTF_8).strip().replaceAll("\\s+", " ");
        }
    }
}
