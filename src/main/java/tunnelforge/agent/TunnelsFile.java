package tunnelforge.agent;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import tunnelforge.cli.CommandLine;
import tunnelforge.cli.CommonOptions;
import tunnelforge.cli.Option;
import tunnelforge.cli.OptionsFile;
import tunnelforge.cli.UsageException;
import tunnelforge.json.JsonException;
import tunnelforge.json.JsonObject;

/**
 * A file with options of the agent, and under {@code tunnels} what is another for each tunnel: {@code {"server": "…", "tunnels": {"web": {"target": 8080}}}}. What is
 * typed goes before what a tunnel says, and that before what is said for all. A file with a mistake anywhere is refused whole.
 */
final class TunnelsFile {
    /** How it is called where it is looked for. */
    static final String NAME = "tunnelforge.json";
    /** The one of the current folder. */
    static final Path IN_FOLDER = Path.of(NAME);
    /** Of one file. */
    static final int MAX_TUNNELS = 100;

    private static final String TUNNELS = "tunnels";
    private static final String TARGET = "target";
    private static final String NAME_FORM = "[A-Za-z0-9][A-Za-z0-9._-]{0,62}";
    private static final Map<String, String> NOT_FOR_ALL = Map.of(TARGET, "belongs into a tunnel: \"tunnels\": { \"web\": { \"target\": 8080 } }");
    private static final Map<String, String> NOT_FOR_ONE = notForOne();

    private final OptionsFile file;
    private final CommandLine options;
    /** By name, in their order: their own options, and those for all. */
    private final Map<String, CommandLine> tunnels = new LinkedHashMap<>();

    /**
     * Reads a file.
     *
     * @throws UsageException with all that is wrong in it, each with its place
     */
    TunnelsFile(Path path) throws UsageException {
        file = OptionsFile.read(path);
        options = file.options(AgentOptions.OF_FILE, List.of(TUNNELS), NOT_FOR_ALL);
        try {
            options.read(line -> {
                AgentOptions.check(line);
                return line;
            });
        } catch (UsageException e) {
            file.wrong(e);
        }
        try {
            read(file.content().objectOrEmpty(TUNNELS));
        } catch (JsonException e) {
            file.wrong(e);
        }
        file.requireRight();
    }

    private void read(JsonObject all) throws JsonException {
        if (all.members().size() > MAX_TUNNELS) {
            throw file.content().error(TUNNELS, "has " + all.members().size() + " tunnels; the limit is " + MAX_TUNNELS);
        }
        for (String name : all.members().keySet()) {
            if (!name.matches(NAME_FORM)) {
                file.wrong(all.error(name, "is no name: 1 to 63 letters, digits, '.', '_' or '-'"));
            }
            CommandLine own = file.options(all, name, AgentOptions.OF_TUNNEL, TARGET, NOT_FOR_ONE);
            if (!own.operands().isEmpty()) {
                tunnels.put(name, AgentOptions.over(own, options));
            }
        }
        told(tunnels.keySet(), UnaryOperator.identity(), false, file::wrong);
    }

    private static Map<String, String> notForOne() {
        Map<String, String> all = new HashMap<>();
        for (Option option : AgentOptions.PROGRAM) {
            all.put(option.name().substring(2), "is for all tunnels: it belongs beside 'tunnels'");
        }
        return all;
    }

    /** In the state directory; null where there is none. */
    static Path ofUser(CommandLine typed) throws UsageException {
        Path path = CommonOptions.stateDirectory(typed).resolve(NAME);
        return Files.exists(path) ? path : null;
    }

    /** In the current folder, else in the state directory; null where there is none. */
    static Path nearest(CommandLine typed) throws UsageException {
        return Files.exists(IN_FOLDER) ? IN_FOLDER : ofUser(typed);
    }

    /** The options for all tunnels, what is typed before them. */
    CommandLine over(CommandLine typed) {
        return AgentOptions.over(typed.withOperands(List.of()), options);
    }

    /** The names of all tunnels, in their order. */
    Set<String> names() {
        return Collections.unmodifiableSet(tunnels.keySet());
    }

    /**
     * Some tunnels, in their order.
     *
     * @param names of them; those that are not there are left out
     * @param typed goes before what they say
     * @param attended by a person at a terminal
     */
    List<AgentConfig.Tunnel> tunnels(Set<String> names, CommandLine typed, boolean attended) throws UsageException {
        List<UsageException> wrong = new ArrayList<>();
        CommandLine before = typed.withOperands(List.of());
        List<AgentConfig.Tunnel> all = told(tunnels.keySet().stream().filter(names::contains).toList(), tunnel -> AgentOptions.over(before, tunnel), attended, wrong::add);
        if (!wrong.isEmpty()) {
            throw wrong.getFirst();
        }
        return all;
    }

    private List<AgentConfig.Tunnel> told(Collection<String> names, UnaryOperator<CommandLine> line, boolean attended, Consumer<UsageException> wrong) {
        List<AgentConfig.Tunnel> all = new ArrayList<>();
        for (String name : names) {
            try {
                all.add(line.apply(tunnels.get(name)).read(each -> requireAlone(AgentOptions.tunnel(name, each, attended), all)));
            } catch (UsageException e) {
                wrong.accept(e);
            }
        }
        return all;
    }

    private static AgentConfig.Tunnel requireAlone(AgentConfig.Tunnel tunnel, List<AgentConfig.Tunnel> others) throws UsageException {
        String address = tunnel.asked().address();
        for (AgentConfig.Tunnel other : others) {
            if (address != null && address.equals(other.asked().address())) {
                String option = tunnel.asked().hostname() != null ? "--hostname" : tunnel.asked().subdomain() != null ? "--subdomain" : "--remote-port";
                throw new UsageException(option + " is what tunnel " + other.name() + " asks for too: two tunnels cannot have one address");
            }
        }
        return tunnel;
    }
}
