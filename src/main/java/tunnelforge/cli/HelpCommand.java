package tunnelforge.cli;

import java.io.PrintStream;
import java.util.List;

/** {@code help} and {@code help COMMAND}; the list is the caller's own, and holds this command too. */
final class HelpCommand implements Command {
    static final String NAME = "help";
    private final List<Command> all;
    private final PrintStream out;

    HelpCommand(List<Command> all, PrintStream out) {
        this.all = all;
        this.out = out;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String summary() {
        return "show this list, or what one command takes";
    }

    @Override
    public String usage() {
        return NAME + " [COMMAND]";
    }

    @Override
    public int maxOperands() {
        return 1;
    }

    @Override
    public List<String> operandChoices() {
        return all.stream().map(Command::name).toList();
    }

    @Override
    public int run(CommandLine line) throws UsageException {
        out.print(line.operands().isEmpty() ? Help.of(all) : Help.of(Launch.find(all, line.operands().getFirst(), line.operands())));
        return 0;
    }
}
