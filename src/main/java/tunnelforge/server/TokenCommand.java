package tunnelforge.server;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import tunnelforge.cli.Command;
import tunnelforge.cli.CommandLine;
import tunnelforge.cli.CommonOptions;
import tunnelforge.cli.ExitException;
import tunnelforge.cli.Option;
import tunnelforge.cli.UsageException;
import tunnelforge.net.OwnAddresses;

/** {@code token show}: the line to paste on another machine, from what the server's last start has left in the state directory. */
public final class TokenCommand implements Command {
    private static final int FAILED = 1;
    private static final String SHOW = "show";

    private final PrintStream out;
    private final PrintStream err;

    /** The command. */
    public TokenCommand() {
        this(System.out, System.err);
    }

    TokenCommand(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    @Override
    public String name() {
        return "token";
    }

    @Override
    public String summary() {
        return "show the token of a server of this machine, for agents on others";
    }

    @Override
    public String usage() {
        return "token show [options]";
    }

    @Override
    public int maxOperands() {
        return 1;
    }

    @Override
    public List<Option> options() {
        return List.of(CommonOptions.STATE_DIR);
    }

    @Override
    public String description() {
        return """
                token show prints the line that opens a tunnel from another machine, with the token of the server that was started last with this \
                state directory. The server need not run. Whoever has the token can open tunnels.""";
    }

    @Override
    public int run(CommandLine line) throws UsageException, ExitException, IOException {
        if (!line.operands().equals(List.of(SHOW))) {
            throw new UsageException("token takes one word: token show");
        }
        Path stateDirectory = CommonOptions.stateDirectory(line);
        Directions directions = Directions.read(stateDirectory);
        if (directions == null) {
            throw new ExitException(FAILED, "no server has been started with the state directory " + stateDirectory.toAbsolutePath()
                    + ": start one, or name its directory with --state-dir");
        }
        List<InetAddress> own = OwnAddresses.reachable();
        // Alone on standard output, so that it can be handed on.
        out.println(directions.command(directions.token(), own));
        String note = directions.note(own);
        if (!note.isEmpty()) {
            err.println(note);
        }
        return 0;
    }
}
