package tunnelforge.trials;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The two commands exactly as the README has them, with nothing configured, and curl as the visitor. Needs the ports 443 and 8080. */
final class AsTheyStandTrial {
    private static final int SERVER_PORT = 443;
    private static final int LOCAL_PORT = 8080;

    @Test
    void serverOn443AndAgent8080AndCurl(@TempDir Path home) throws Exception {
        assumeTrue(canRunCurl(), "no curl here");
        assumeTrue(canListen(SERVER_PORT) && canListen(LOCAL_PORT), "the ports 443 and 8080 cannot be had");
        Map<String, String> environment = Map.of("HOME", home.toString());
        try (BulkService service = new BulkService(LOCAL_PORT);
                Program server = Program.start(List.of(), environment, "server", "--port", "443")) {
            server.await("listening on port 443");
            try (Program agent = Program.start(List.of(), environment, "agent", String.valueOf(service.port()))) {
                String url = agent.await("(https://[a-z0-9-]+\\.tunnel\\.localhost)").group(1);
                String page = curl("--cacert", home.resolve(".tunnelforge/ca.pem").toString(), url + "/small");
                assertEquals(BulkService.SMALL, page);
                Figures.print("server --port 443, agent 8080, curl --cacert ~/.tunnelforge/ca.pem %s/: as the README says", url);
            }
        }
    }

    private static String curl(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("curl", "--silent", "--show-error", "--max-time", "20"));
        command.addAll(List.of(arguments));
        Process curl = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, curl.waitFor(), output);
        return output;
    }

    private static boolean canRunCurl() {
        for (String folder : System.getenv("PATH").split(":")) {
            if (Files.isExecutable(Path.of(folder, "curl"))) {
                return true;
            }
        }
        return false;
    }

    private static boolean canListen(int port) {
        try (ServerSocket socket = new ServerSocket(port)) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
