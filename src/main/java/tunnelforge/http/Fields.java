package tunnelforge.http;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/**
 * Field lines in their order (RFC 9110 section 5). Names are kept as received and compared without case; strings hold
 * ISO-8859-1 octets as characters. Always valid: a name is a token and a value has no control characters but HTAB, so
 * writing one can inject nothing. Not thread safe.
 */
public final class Fields {
    private static final int TYPICAL_LINES = 16;

    /** Name and value of line i at 2i and 2i+1. */
    private String[] lines;
    private int size;

    public Fields() {
        lines = new String[2 * TYPICAL_LINES];
    }

    /** A copy that shares nothing. */
    public Fields(Fields copy) {
        lines = Arrays.copyOf(copy.lines, Math.max(2 * copy.size, 2) + 8);
        size = copy.size;
    }

    /** Whether a string may be a field name (a token, RFC 9110 section 5.6.2): {@link #add} refuses others. */
    public static boolean isName(String name) {
        return Octets.isToken(name);
    }

    /** Whether a string may be a field value (RFC 9110 section 5.5, with obs-text): {@link #add} refuses others. */
    public static boolean isValue(String value) {
        return Octets.isFieldValue(value);
    }

    /** The number of field lines. */
    public int size() {
        return size;
    }

    /** The name of a line, as received. */
    public String name(int i) {
        return lines[2 * checked(i)];
    }

    /** The value of a line, without surrounding blanks when it was parsed. */
    public String value(int i) {
        return lines[2 * checked(i) + 1];
    }

    /** Replaces the value of one line. */
    public void setValue(int i, String value) {
        lines[2 * checked(i) + 1] = Octets.requireFieldValue(value);
    }

    /** Adds a line at the end. */
    public void add(String name, String value) {
        addParsed(Octets.requireToken(name), Octets.requireFieldValue(value));
    }

    /** Adds a line before all others. */
    public void addFirst(String name, String value) {
        Octets.requireToken(name);
        Octets.requireFieldValue(value);
        ensureRoom();
        System.arraycopy(lines, 0, lines, 2, 2 * size);
        lines[0] = name;
        lines[1] = value;
        size++;
    }

    /** For strings that the parser has looked at octet by octet already. */
    void addParsed(String name, String value) {
        ensureRoom();
        lines[2 * size] = name;
        lines[2 * size + 1] = value;
        size++;
    }

    /** The first value of a name, or null. */
    public String get(String name) {
        int i = indexOf(name, 0);
        return i < 0 ? null : lines[2 * i + 1];
    }

    /** All values of a name in their order. */
    public List<String> all(String name) {
        int i = indexOf(name, 0);
        if (i < 0) {
            return List.of();
        }
        List<String> values = new ArrayList<>(2);
        for (; i >= 0; i = indexOf(name, i + 1)) {
            values.add(lines[2 * i + 1]);
        }
        return values;
    }

    public boolean contains(String name) {
        return indexOf(name, 0) >= 0;
    }

    /** The number of lines with that name. */
    public int count(String name) {
        int count = 0;
        for (int i = indexOf(name, 0); i >= 0; i = indexOf(name, i + 1)) {
            count++;
        }
        return count;
    }

    /**
     * Whether a token, in any case, is a member of the comma-separated list that all lines of a name make together (RFC 9110 section 5.6.1).
     * Members with parameters do not match.
     */
    public boolean hasToken(String name, String token) {
        for (int i = indexOf(name, 0); i >= 0; i = indexOf(name, i + 1)) {
            for (ListMembers members = new ListMembers(lines[2 * i + 1]); members.next();) {
                if (members.is(token)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Removes all lines with a name, and says how many there were. */
    public int remove(String name) {
        int before = size;
        if (indexOf(name, 0) >= 0) {
            removeIf(other -> sameName(other, name));
        }
        return before - size;
    }

    /** Replaces the first line with that name in its place and removes the others; adds one at the end when there is none. */
    public void set(String name, String value) {
        Octets.requireToken(name);
        Octets.requireFieldValue(value);
        int first = indexOf(name, 0);
        if (first < 0) {
            addParsed(name, value);
            return;
        }
        lines[2 * first] = name;
        lines[2 * first + 1] = value;
        for (int i = indexOf(name, first + 1); i >= 0; i = indexOf(name, i)) {
            removeAt(i);
        }
    }

    /** Removes one line; those behind it move up by one. */
    public void removeAt(int i) {
        System.arraycopy(lines, 2 * checked(i) + 2, lines, 2 * i, 2 * (size - i - 1));
        size--;
        Arrays.fill(lines, 2 * size, 2 * size + 2, null);
    }

    /** Removes every line whose name, as received, passes a test. */
    public void removeIf(Predicate<String> nameTest) {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            String name = lines[2 * i];
            if (!nameTest.test(name)) {
                lines[2 * kept] = name;
                lines[2 * kept + 1] = lines[2 * i + 1];
                kept++;
            }
        }
        Arrays.fill(lines, 2 * kept, 2 * size, null);
        size = kept;
    }

    /** Names only: values may be secrets, and this ends up in logs. */
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder("Fields[");
        for (int i = 0; i < size; i++) {
            out.append(i == 0 ? "" : ", ").append(lines[2 * i]);
        }
        return out.append(']').toString();
    }

    static boolean sameName(String a, String b) {
        return a == b || a.equalsIgnoreCase(b);
    }

    private int indexOf(String name, int from) {
        for (int i = from; i < size; i++) {
            if (sameName(lines[2 * i], name)) {
                return i;
            }
        }
        return -1;
    }

    private int checked(int i) {
        if (i < 0 || i >= size) {
            throw new IndexOutOfBoundsException("line " + i + " of " + size);
        }
        return i;
    }

    private void ensureRoom() {
        if (2 * size == lines.length) {
            lines = Arrays.copyOf(lines, 2 * lines.length);
        }
    }
}
