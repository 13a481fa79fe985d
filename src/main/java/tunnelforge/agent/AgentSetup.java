package tunnelforge.agent;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import tunnelforge.cli.CommandLine;
import tunnelforge.cli.ConfigFile;
import tunnelforge.cli.Suggestion;
import tunnelforge.cli.UsageException;
import tunnelforge.log.Log;
import tunnelforge.text.Printable;

/**
 * What somebody typed behind {@code agent}, and the file that goes with it: {@code 8080} for one tunnel, {@code start web db} or {@code start --all} for tunnels of the
 * file, nothing for all of them. It is read as often as the file changes.
 */
final class AgentSetup {
    /**
     * What is to be started by what the file says now.
     *
     * @param program the options for all tunnels
     * @param tunnels at least one
     */
    record Plan(CommandLine program, List<AgentConfig.Tunnel> tunnels) {
    }

    private final CommandLine typed;
    private final Path file;
    private final boolean attended;

    private AgentSetup(CommandLine typed, Path file, boolean attended) {
        this.typed = typed;
        this.file = file;
        this.attended = attended;
    }

    /** Finds the file. {@code attended}: by a person at a terminal. */
    static AgentSetup of(CommandLine typed, boolean attended) throws UsageException {
        boolean start = isStart(typed);
        if (typed.has("--all") && !start) {
            throw new UsageException("--all goes with start: agent start --all");
        }
        if (start && typed.has("--all") != (typed.operands().size() == 1)) {
            throw new UsageException("start takes names of tunnels, or --all");
        }
        return new AgentSetup(typed, file(typed, typed.operands().isEmpty() || start), attended);
    }

    /** The options for all tunnels alone, for who opens none of a file: what is typed, over what the user's file says. */
    static CommandLine program(CommandLine typed) throws UsageException {
        Path file = file(typed, false);
        return file == null ? typed : new TunnelsFile(file).over(typed);
    }

    private static boolean isStart(CommandLine typed) {
        return !typed.operands().isEmpty() && typed.operands().getFirst().equals(AgentOptions.START);
    }

    /** {@code ofFolder}: its tunnels are meant. Otherwise the folder's has no say: nobody is to be led to its server. */
    private static Path file(CommandLine typed, boolean ofFolder) throws UsageException {
        if (typed.has("--config")) {
            return Path.of(typed.value("--config"));
        }
        return ofFolder ? TunnelsFile.nearest(typed) : TunnelsFile.ofUser(typed);
    }

    /** Null where there is none. */
    Path file() {
        return file;
    }

    /** Whether the tunnels are the file's, and follow it. */
    boolean followsFile() {
        return file != null && (typed.operands().isEmpty() || isStart(typed));
    }

    /** Reads the file for the first time: what is started must be in it. */
    Plan begin() throws UsageException {
        TunnelsFile read = file == null ? null : new TunnelsFile(file);
        if (followsFile()) {
            for (String name : wanted(read)) {
                if (!read.names().contains(name)) {
                    throw new UsageException(file + ": there is no tunnel " + Printable.quoted(name) + " in it" + Suggestion.forMistyped(name, List.copyOf(read.names())));
                }
            }
        }
        return plan(read);
    }

    /** Reads it again: what is not in it any more is closed. */
    Plan again() throws UsageException {
        return plan(new TunnelsFile(file));
    }

    private Plan plan(TunnelsFile read) throws UsageException {
        CommandLine program = read == null ? typed : read.over(typed);
        if (file != null && file.equals(TunnelsFile.IN_FOLDER)) {
            requireOwnToken(program);
        }
        return new Plan(program, followsFile() ? ofFile(read) : List.of(typedAlone(program)));
    }

    /** A folder may be somebody else's: what it says of whom to trust is not to lead the user's own token there. */
    private void requireOwnToken(CommandLine program) throws UsageException {
        for (String option : List.of("--ca", "--pin", "--server-name", "--proxy")) {
            if (program.isFromFile(option) && !program.isFromFile("--token")) {
                throw new UsageException(file + " in this folder says by '" + option.substring(2) + "' whom to trust on the way to the server, and so needs the 'token' for that server as well;"
                        + " if it is yours, name it: --config " + file);
            }
        }
    }

    private AgentConfig.Tunnel typedAlone(CommandLine program) throws UsageException {
        if (typed.operands().isEmpty() || isStart(typed)) {
            throw missing();
        }
        return AgentOptions.over(typed, program).read(line -> AgentOptions.tunnel(null, line, attended));
    }

    private UsageException missing() throws UsageException {
        if (typed.operands().isEmpty()) {
            return new UsageException("the local service is missing: write agent 8080, or put tunnels into " + TunnelsFile.NAME);
        }
        String first = typed.operands().size() == 1 ? "" : typed.operands().get(1);
        return new UsageException("there are no tunnels to start: no " + TunnelsFile.NAME + " in this folder, nor in the state directory"
                + (OtherWords.isTarget(first) ? "; did you mean: agent " + first : "; --config FILE names one"));
    }

    private List<AgentConfig.Tunnel> ofFile(TunnelsFile read) throws UsageException {
        Set<String> wanted = wanted(read);
        List<AgentConfig.Tunnel> tunnels = read.tunnels(wanted, typed, attended);
        if (tunnels.isEmpty()) {
            throw new UsageException(read.names().isEmpty() ? file + ": there is no tunnel in it: \"tunnels\": { \"web\": { \"target\": 8080 } }"
                    : file + ": there is no tunnel of those that were started in it: " + String.join(", ", wanted));
        }
        return tunnels;
    }

    private Set<String> wanted(TunnelsFile read) {
        return typed.operands().size() < 2 ? read.names() : new LinkedHashSet<>(typed.operands().subList(1, typed.operands().size()));
    }

    /** Tells what is used, and what is exposed. */
    void tell(Plan plan, Log log) throws IOException {
        if (file != null && !typed.has("--config")) {
            log.info("config_found", "options are from " + file, "file", file);
        }
        if (plan.program().isFromFile("--token") && ConfigFile.isOpenToOthers(file)) {
            log.warn("token_exposed", "other users of this machine can read the token in " + file + "; take that right from them: chmod 600", "file", file);
        }
    }
}
