package tunnelforge.cli;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The completion script for zsh, made from what the commands say about themselves. It can be sourced, or lie in the fpath as {@code _tunnelforge}. */
final class ZshCompletion {
    private static final String SCRIPT = """
            #compdef %4$s
            # Completes %1$s's commands. In ~/.zshrc, behind compinit: source <(%1$s completion zsh)
            _%1$s() {
              local -a commands=(
            %2$s  )
              if (( CURRENT == 2 )); then
                _describe command commands
                return
              fi
              shift words
              (( CURRENT-- ))
              case $words[1] in
            %3$s  esac
            }
            if [[ $funcstack[1] == _%1$s ]]; then
              _%1$s "$@"
            else
              compdef _%1$s %4$s
            fi
            """;

    private ZshCompletion() {
    }

    static String of(List<Command> commands) {
        return SCRIPT.formatted(Launch.PROGRAM,
                commands.stream().map(command -> "    " + quoted(command.name() + ":" + command.summary()) + "\n").collect(Collectors.joining()),
                commands.stream().map(ZshCompletion::arguments).collect(Collectors.joining()), BashCompletion.PROGRAMS);
    }

    private static String arguments(Command command) {
        String operand = command.maxOperands() == 0 ? null
                : "1:operand:" + (command.operandChoices().isEmpty() ? "" : "(" + String.join(" ", command.operandChoices()) + ")");
        return "    " + command.name() + ")\n      _arguments" + Stream.concat(command.options().stream().map(ZshCompletion::specification),
                Stream.of("--help[show what the command takes]", operand)).filter(each -> each != null)
                .map(each -> " \\\n        " + quoted(each)).collect(Collectors.joining()) + " ;;\n";
    }

    /** As _arguments takes it: {@code *--cert=[help]:FILE:_files}. */
    private static String specification(Option option) {
        String help = "[" + option.help().replaceAll("([\\[\\]:\\\\])", "\\\\$1") + "]";
        if (option.argument() == null) {
            return option.name() + help;
        }
        String values = option.takesFile() ? "_files" : option.takesDirectory() ? "_files -/"
                : option.choices().isEmpty() ? "" : "(" + String.join(" ", option.choices()) + ")";
        return (option.repeatable() ? "*" : "") + option.name() + "=" + help + ":" + option.argument().replace(":", "\\:") + ":" + values;
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
