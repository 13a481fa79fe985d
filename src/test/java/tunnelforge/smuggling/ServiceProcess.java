package tunnelforge.smuggling;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import tunnelforge.Message;
import tunnelforge.Peer;

/** A local service of another language, as a process, that tells what it has seen. */
final class ServiceProcess implements AutoCloseable {
    /** A request as the service understood it; {@code body} is null while it has not come whole. */
    record Seen(String method, String target, String body, List<String> fields) {
        /** As the service answers it. */
        String said() {
            return method + ' ' + target + ' ' + body;
        }
    }

    private final Path script;
    private final Process process;
    private final int port;

    /** {@code command} runs a script that lies beside this class. */
    ServiceProcess(String command, String file) throws IOException {
        script = Files.createTempFile("tunnelforge-service-", file.substring(file.indexOf('.')));
        try (InputStream in = ServiceProcess.class.getResourceAsStream(file)) {
            Files.write(script, in.readAllBytes());
        }
        process = new ProcessBuilder(command, script.toString()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        BufferedReader said = process.inputReader();
        String line = said.readLine();
        if (line == null) {
            throw new IOException(command + " did not start " + file);
        }
        port = Integer.parseInt(line);
    }

    /** Whether a command is there, and does what is asked. */
    static boolean runs(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    int port() {
        return port;
    }

    /** What it has seen since it was asked last, in order. */
    List<Seen> seen() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        try (Peer direct = new Peer(socket, socket)) {
            Message answer = direct.send("GET /_seen HTTP/1.1\r\nHost: x\r\n\r\n").readResponse();
            List<Seen> seen = new ArrayList<>();
            for (String line : answer.text().lines().toList()) {
                String[] parts = line.split(" ");
                seen.add(new Seen(text(parts[0]), text(parts[1]), text(parts[2]), text(parts[3]).lines().toList()));
            }
            return seen;
        }
    }

    private static String text(String hex) {
        return hex.equals("-") ? null : hex.equals("00") ? "" : new String(HexFormat.of().parseHex(hex), StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        Files.delete(script);
    }
}
