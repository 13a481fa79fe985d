package tunnelforge.cli;

import java.util.ArrayList;
import java.util.List;

/** The help, made from what the commands say about themselves; no line is longer than 80 columns unless a word is. */
public final class Help {
    static final int COLUMNS = 80;
    private static final int MAX_LEFT_COLUMNS = 30;

    private record Row(String left, String right) {
    }

    private Help() {
    }

    /**
     * The list of commands, in lines that each have their line end.
     *
     * @param commands in the order in which they are listed
     */
    public static String of(List<Command> commands) {
        StringBuilder to = new StringBuilder("usage: " + Launch.PROGRAM + " COMMAND [ARGUMENTS]\n\ncommands:\n");
        table(to, commands.stream().map(command -> new Row(command.name(), command.summary())).toList());
        return to.append("\n'help COMMAND' says what a command takes, with examples.\n").toString();
    }

    /** What one command takes, in lines that each have their line end. */
    public static String of(Command command) {
        StringBuilder to = new StringBuilder("usage: " + Launch.PROGRAM + " " + command.usage() + "\n\n");
        String description = command.description().isBlank() ? command.summary() + "." : command.description();
        paragraphs(to, description.strip());
        if (!command.options().isEmpty()) {
            to.append("\noptions:\n");
            table(to, command.options().stream().map(Help::row).toList());
        }
        return to.toString();
    }

    private static Row row(Option option) {
        String left = option.argument() == null ? option.name() : option.name() + " " + option.argument();
        return new Row(left, option.repeatable() ? option.help() + " (may be repeated)" : option.help());
    }

    private static void table(StringBuilder to, List<Row> rows) {
        int left = rows.stream().mapToInt(row -> row.left().length()).filter(length -> length <= MAX_LEFT_COLUMNS)
                .max().orElse(MAX_LEFT_COLUMNS);
        int indent = 2 + left + 2;
        for (Row row : rows) {
            to.append("  ").append(row.left());
            boolean fits = row.left().length() <= left;
            to.append(fits ? " ".repeat(indent - 2 - row.left().length()) : "\n" + " ".repeat(indent));
            to.append(String.join("\n" + " ".repeat(indent), wrap(row.right(), COLUMNS - indent))).append('\n');
        }
    }

    private static void paragraphs(StringBuilder to, String text) {
        StringBuilder open = new StringBuilder();
        for (String line : text.split("\n", -1)) {
            if (!line.isBlank() && !line.startsWith(" ")) {
                open.append(line).append(' ');
                continue;
            }
            close(to, open);
            to.append(line.stripTrailing()).append('\n');
        }
        close(to, open);
    }

    private static void close(StringBuilder to, StringBuilder open) {
        if (!open.isEmpty()) {
            wrap(open.toString(), COLUMNS).forEach(line -> to.append(line).append('\n'));
            open.setLength(0);
        }
    }

    static List<String> wrap(String text, int columns) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.strip().split("\\s+")) {
            if (!line.isEmpty() && line.length() + 1 + word.length() > columns) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }
}
