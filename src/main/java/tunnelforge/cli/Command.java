package tunnelforge.cli;

import java.io.IOException;
import java.util.List;

/** One thing the program can be asked to do; {@link Launch} finds it by name, {@link Help} describes it. */
public interface Command {
    /** The word on the command line, such as {@code server}. */
    String name();

    /** What it does, for the list of commands: a few words, no full stop. */
    String summary();

    /** The usage line without the program's name, such as {@code agent TARGET [options]}. */
    default String usage() {
        return options().isEmpty() ? name() : name() + " [options]";
    }

    /** The options, in the order in which the help lists them; none unless overridden. */
    default List<Option> options() {
        return List.of();
    }

    /**
     * The longer text of the help, with examples. Paragraphs are parted by empty lines and wrapped; lines that begin
     * with a space are shown as they are.
     */
    default String description() {
        return "";
    }

    /** How many words may follow that are not options; none unless overridden. */
    default int maxOperands() {
        return 0;
    }

    /** The same, where it depends on the first of them; {@link #maxOperands()} unless overridden. */
    default int maxOperands(String first) {
        return maxOperands();
    }

    /** Words that may be such an operand, for a shell to complete; none unless overridden. */
    default List<String> operandChoices() {
        return List.of();
    }

    /**
     * What somebody probably meant who typed words that cannot be: words of another program, or of this one in another order.
     *
     * @param words all of them, at least one; the first may be this command's name
     * @return words for this command, such as {@code agent 8080}; null when it has nothing to do with it
     */
    default String meant(List<String> words) {
        return null;
    }

    /**
     * Does it, on the main thread; the process ends when this returns.
     *
     * @throws UsageException when an argument is wrong: exit code 2
     * @throws ExitException to end with its code and message
     * @throws IOException when the world is not as it must be: exit code 1 and the message, without a stack
     */
    int run(CommandLine line) throws UsageException, ExitException, IOException;
}
