package tunnelforge.smuggling;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Cases that are kept as text beside the tests, a line each; what its columns mean is said at the head of each file. */
final class Table {
    private Table() {
    }

    /** The columns of each line, as they are written. */
    static List<List<String>> read(String file, int columns) {
        try (InputStream in = Table.class.getResourceAsStream(file)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(line -> columns(line, columns)).toList();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> columns(String line, int count) {
        List<String> columns = Arrays.asList(line.split(" \\| ", count));
        if (columns.size() != count) {
            throw new IllegalStateException(count + " columns are due: " + line);
        }
        return columns;
    }

    /** Text of octets: \r, \n, \t, \0, \xNN and \\ stand for one each, {name} for a value, {3*text} for a repetition. */
    static String expand(String text, Map<String, String> values) {
        StringBuilder to = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                char escaped = text.charAt(++i);
                int at = "rnt0\\".indexOf(escaped);
                if (at >= 0) {
                    to.append("\r\n\t\0\\".charAt(at));
                } else if (escaped == 'x') {
                    to.append((char) Integer.parseInt(text.substring(i + 1, i + 3), 16));
                    i += 2;
                } else {
                    throw new IllegalStateException("\\" + escaped + " in " + text);
                }
            } else if (c == '{') {
                int end = closing(text, i);
                to.append(value(text.substring(i + 1, end), values));
                i = end;
            } else {
                to.append(c);
            }
        }
        return to.toString();
    }

    private static String value(String inside, Map<String, String> values) {
        int star = inside.indexOf('*');
        if (star > 0 && inside.substring(0, star).chars().allMatch(Character::isDigit)) {
            return expand(inside.substring(star + 1), values).repeat(Integer.parseInt(inside.substring(0, star)));
        }
        String value = values.get(inside);
        if (value == null) {
            throw new IllegalStateException("what is {" + inside + "}?");
        }
        return value;
    }

    private static int closing(String text, int open) {
        int depth = 0;
        for (int i = open; i < text.length(); i++) {
            depth += text.charAt(i) == '{' ? 1 : text.charAt(i) == '}' ? -1 : 0;
            if (depth == 0) {
                return i;
            }
        }
        throw new IllegalStateException("{ without } in " + text);
    }
}
