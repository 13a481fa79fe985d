package tunnelforge.agent;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import tunnelforge.cli.CommandLine;
import tunnelforge.cli.UsageException;
import tunnelforge.log.Log;

/** {@code agent config check}: reads a file as an agent would, and says what that would open. */
final class ConfigCheck {
    /** Its first word. */
    static final String CONFIG = "config";
    /** {@code config check FILE}. */
    static final int OPERANDS = 3;

    private static final String CHECK = "check";

    private ConfigCheck() {
    }

    static boolean isAsked(CommandLine line) {
        return !line.operands().isEmpty() && line.operands().getFirst().equals(CONFIG);
    }

    /**
     * Prints what would be opened.
     *
     * @throws UsageException with all that is wrong in the file
     * @throws IOException when {@code agent.json} cannot be read
     */
    static int run(CommandLine line, PrintStream out) throws UsageException, IOException {
        List<String> operands = line.operands();
        if (operands.size() < 2 || !operands.get(1).equals(CHECK)) {
            throw new UsageException("what of the config? write agent config check [FILE]");
        }
        Path path = path(line);
        TunnelsFile file = new TunnelsFile(path);
        List<AgentConfig.Tunnel> tunnels = file.tunnels(file.names(), line, false);
        out.println(path + " is right. " + opens(file.over(line)));
        for (AgentConfig.Tunnel tunnel : tunnels) {
            String address = tunnel.asked().address();
            out.println("  " + tunnel.name() + ": " + tunnel.asked().protocol() + ", " + (address == null ? "any address" : address) + ", leads to " + tunnel.target());
        }
        return 0;
    }

    private static Path path(CommandLine line) throws UsageException {
        if (line.operands().size() == OPERANDS) {
            return Path.of(line.operands().getLast());
        }
        Path path = line.has("--config") ? Path.of(line.value("--config")) : TunnelsFile.nearest(line);
        if (path == null) {
            throw new UsageException("no " + TunnelsFile.NAME + " in this folder, nor in the state directory; write agent config check FILE");
        }
        return path;
    }

    /** A file may leave the server and its token to {@code agent.json}, or the environment of another machine. */
    private static String opens(CommandLine program) throws IOException {
        try {
            return "An agent here opens at " + program.read(options -> AgentOptions.server(options, Log.to(System.err, Log.Format.TEXT, Log.Level.ERROR))).address() + ":";
        } catch (UsageException e) {
            return "An agent here does not start (" + e.getMessage() + "); it would open:";
        }
    }
}
