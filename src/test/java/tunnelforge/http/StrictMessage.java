package tunnelforge.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A second reader, which shares nothing with the first: lines end with CRLF, and nothing else is a line end or a blank. Throws {@link AssertionError} at what it would refuse. */
final class StrictMessage {
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+");
    private static final Pattern LENGTH = Pattern.compile("0|[1-9][0-9]{0,18}");
    private static final Pattern CHUNK = Pattern.compile("([0-9A-Fa-f]{1,16})(?:[ \t]*;[^\\x00-\\x08\\x0a-\\x1f\\x7f]*)?");

    private StrictMessage() {
    }

    /** The first line's three words, then name and value of each field. */
    static List<String> head(String text) {
        require(text.endsWith("\r\n\r\n"), "no blank line at the end");
        String[] lines = text.substring(0, text.length() - 4).split("\r\n", -1);
        String[] words = lines[0].split(" ", lines[0].startsWith("HTTP/") ? 3 : -1);
        require(words.length == 3, "not three words: " + lines[0]);
        List<String> read = new ArrayList<>(List.of(words));
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            require(colon > 0 && TOKEN.matcher(lines[i].substring(0, colon)).matches(), "no name: " + lines[i]);
            read.add(lines[i].substring(0, colon));
            read.add(withoutBlanks(lines[i].substring(colon + 1)));
        }
        for (String part : read) {
            require(part.indexOf('\r') < 0 && part.indexOf('\n') < 0 && part.indexOf('\0') < 0, "a control character in " + part);
        }
        return read;
    }

    /** What the fields say of the body's length: a number, {@code chunked}, or nothing. */
    static String framing(List<String> head) {
        String length = only(head, "content-length");
        String coding = only(head, "transfer-encoding");
        require(length == null || coding == null, "a length and a coding");
        require(length == null || LENGTH.matcher(length).matches(), "a length of " + length);
        require(coding == null || coding.equalsIgnoreCase("chunked"), "a coding of " + coding);
        return length != null ? length : coding != null ? "chunked" : "";
    }

    /** The data of a chunked body at the beginning of a text, and where the text goes on. */
    record Chunked(String data, int end) {
    }

    static Chunked chunked(String text) {
        StringBuilder data = new StringBuilder();
        int at = 0;
        while (true) {
            int lineEnd = text.indexOf("\r\n", at);
            require(lineEnd >= 0, "no line of a chunk");
            Matcher line = CHUNK.matcher(text.substring(at, lineEnd));
            require(line.matches(), "a chunk that begins with " + text.substring(at, lineEnd));
            long size = Long.parseLong(line.group(1), 16);
            at = lineEnd + 2;
            if (size == 0) {
                int end = text.startsWith("\r\n", at) ? at : text.indexOf("\r\n\r\n", at) + 2;
                require(end > 1, "trailers without an end");
                return new Chunked(data.toString(), end + 2);
            }
            require(size <= text.length() - at, "a chunk that goes beyond the end");
            data.append(text, at, at + (int) size);
            at += (int) size;
            require(text.startsWith("\r\n", at), "no line end behind a chunk");
            at += 2;
        }
    }

    private static String only(List<String> head, String name) {
        String value = null;
        for (int i = 3; i < head.size(); i += 2) {
            if (head.get(i).toLowerCase(Locale.ROOT).equals(name)) {
                require(value == null, "two of " + name);
                value = head.get(i + 1);
            }
        }
        return value;
    }

    private static String withoutBlanks(String value) {
        int from = 0;
        int to = value.length();
        while (from < to && (value.charAt(from) == ' ' || value.charAt(from) == '\t')) {
            from++;
        }
        while (from < to && (value.charAt(to - 1) == ' ' || value.charAt(to - 1) == '\t')) {
            to--;
        }
        return value.substring(from, to);
    }

    private static void require(boolean held, String otherwise) {
        if (!held) {
            throw new AssertionError("a strict reader finds " + otherwise);
        }
    }
}
