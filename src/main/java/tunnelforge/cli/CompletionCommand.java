package tunnelforge.cli;

import java.io.PrintStream;
import java.util.List;

/** {@code completion bash} and {@code completion zsh}; the list is the caller's own, and holds this command too. */
final class CompletionCommand implements Command {
    private static final String BASH = "bash";
    private static final String ZSH = "zsh";

    private final List<Command> all;
    private final PrintStream out;

    CompletionCommand(List<Command> all, PrintStream out) {
        this.all = all;
        this.out = out;
    }

    @Override
    public String name() {
        return "completion";
    }

    @Override
    public String summary() {
        return "print a script with which bash or zsh completes commands";
    }

    @Override
    public String usage() {
        return name() + " bash|zsh";
    }

    @Override
    public int maxOperands() {
        return 1;
    }

    @Override
    public List<String> operandChoices() {
        return List.of(BASH, ZSH);
    }

    @Override
    public String description() {
        return """
                Prints a script with which the shell completes commands, options and their values. One line in ~/.bashrc, or in \
                ~/.zshrc behind compinit, makes it permanent:

                  source <(tunnelforge completion bash)
                  source <(tunnelforge completion zsh)""";
    }

    @Override
    public int run(CommandLine line) throws UsageException {
        String shell = line.operands().isEmpty() ? "" : line.operands().getFirst();
        out.print(switch (shell) {
            case BASH -> BashCompletion.of(all);
            case ZSH -> ZshCompletion.of(all);
            default -> throw new UsageException("for which shell? write completion bash or completion zsh");
        });
        return 0;
    }
}
