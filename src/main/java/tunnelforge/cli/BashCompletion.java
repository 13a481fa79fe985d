package tunnelforge.cli;

import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The completion script for bash, made from what the commands say about themselves. It needs bash alone, version 3.2 or newer. */
final class BashCompletion {
    /** What the program is called, as a script, and as one file. Shells find these behind a path too. */
    static final String PROGRAMS = "%1$s %1$s-linux-x64 %1$s-linux-arm64".formatted(Launch.PROGRAM);

    /** Bash parts --option=value into three words. */
    private static final String SCRIPT = """
            # Completes %1$s's commands. In ~/.bashrc: source <(%1$s completion bash)
            _%1$s() {
              local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words= IFS=$' \\t\\n'
              COMPREPLY=()
              if [[ $current == = ]]; then
                current=
              elif [[ $before == = ]]; then
                before=${COMP_WORDS[COMP_CWORD-2]}
              fi
              if (( COMP_CWORD == 1 )); then
                COMPREPLY=($(compgen -W '%2$s' -- "$current"))
                return
              fi
              case "${COMP_WORDS[1]} $before" in
            %3$s  esac
              case ${COMP_WORDS[1]} in
            %4$s  esac
              COMPREPLY=($(compgen -W "$words" -- "$current"))
            }
            complete -F _%1$s %5$s
            """;

    private BashCompletion() {
    }

    static String of(List<Command> commands) {
        return SCRIPT.formatted(Launch.PROGRAM, names(commands), values(commands),
                commands.stream().map(BashCompletion::words).collect(Collectors.joining()), PROGRAMS);
    }

    private static String names(List<Command> commands) {
        return commands.stream().map(Command::name).collect(Collectors.joining(" "));
    }

    /** What may follow an option. */
    private static String values(List<Command> commands) {
        StringBuilder to = new StringBuilder();
        for (Command command : commands) {
            for (Option option : command.options()) {
                if (!option.choices().isEmpty() && !option.takesFile()) {
                    to.append("    '%s %s') COMPREPLY=($(compgen -W '%s' -- \"$current\")); return ;;\n"
                            .formatted(command.name(), option.name(), String.join(" ", option.choices())));
                }
            }
        }
        line(to, commands, Option::takesFile, "compopt -o filenames 2> /dev/null; IFS=$'\\n'; COMPREPLY=($(compgen -f -- \"$current\")); return");
        line(to, commands, Option::takesDirectory, "compopt -o filenames 2> /dev/null; IFS=$'\\n'; COMPREPLY=($(compgen -d -- \"$current\")); return");
        line(to, commands, option -> option.argument() != null && option.choices().isEmpty() && !option.takesFile() && !option.takesDirectory(), "return");
        return to.toString();
    }

    private static void line(StringBuilder to, List<Command> commands, Predicate<Option> which, String what) {
        String patterns = commands.stream().flatMap(command -> command.options().stream().filter(which)
                .map(option -> "'" + command.name() + " " + option.name() + "'")).collect(Collectors.joining(" | "));
        if (!patterns.isEmpty()) {
            to.append("    ").append(patterns).append(") ").append(what).append(" ;;\n");
        }
    }

    /** What may stand where no option waits for its value: options, once a dash is there, or operands. */
    private static String words(Command command) {
        String options = Stream.concat(command.options().stream().map(Option::name), Stream.of("--help")).collect(Collectors.joining(" "));
        return "    %s) if [[ $current == -* ]]; then words='%s'; else words='%s'; fi ;;\n"
                .formatted(command.name(), options, String.join(" ", command.operandChoices()));
    }
}
