package tunnelforge;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** An HTTP message as a test's own, plain parser understood it: a second opinion beside the product's. */
public final class Message {
    private final String head;
    private final String startLine;
    private final List<String[]> fields;
    private byte[] body = {};
    private List<String[]> trailers = List.of();

    public Message(String head) {
        this.head = head;
        String[] lines = head.split("\r\n");
        startLine = lines[0];
        fields = fields(List.of(lines).subList(1, lines.length));
    }

    static List<String[]> fields(List<String> lines) {
        List<String[]> fields = new ArrayList<>();
        for (String line : lines) {
            int colon = line.indexOf(':');
            fields.add(new String[] {line.substring(0, colon), line.substring(colon + 1).strip()});
        }
        return fields;
    }

    void body(byte[] bytes) {
        body = bytes;
    }

    void trailers(List<String[]> lines) {
        trailers = lines;
    }

    /** The whole head as it came, with the blank line. */
    public String head() {
        return head;
    }

    /** Request line or status line. */
    public String startLine() {
        return startLine;
    }

    public String method() {
        return startLine.split(" ")[0];
    }

    public String target() {
        return startLine.split(" ")[1];
    }

    public int status() {
        return Integer.parseInt(startLine.split(" ")[1]);
    }

    /** The first value of the field; null when there is none. */
    public String get(String name) {
        List<String> values = all(name);
        return values.isEmpty() ? null : values.get(0);
    }

    /** The values of all lines of the field, in order. */
    public List<String> all(String name) {
        return named(fields, name);
    }

    public boolean has(String name) {
        return get(name) != null;
    }

    /** Names of all fields, as received, in order. */
    public List<String> names() {
        return fields.stream().map(field -> field[0]).toList();
    }

    public byte[] body() {
        return body;
    }

    /** The body as UTF-8. */
    public String text() {
        return new String(body, StandardCharsets.UTF_8);
    }

    /** The first value of the field in the trailer section; null when there is none. */
    public String trailer(String name) {
        List<String> values = named(trailers, name);
        return values.isEmpty() ? null : values.get(0);
    }

    /** Names of all trailers, as received, in order. */
    public List<String> trailerNames() {
        return trailers.stream().map(field -> field[0]).toList();
    }

    private static List<String> named(List<String[]> fields, String name) {
        return fields.stream().filter(field -> field[0].equalsIgnoreCase(name)).map(field -> field[1]).toList();
    }

    @Override
    public String toString() {
        return head + (body.length > 500 ? body.length + " bytes" : text());
    }
}
