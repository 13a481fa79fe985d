package tunnelforge.server.access;

import java.util.regex.Pattern;

/**
 * Names of tunnels: a label below the server's domain ({@code demo}) or a whole host name ({@code app.example.org}), in which one {@code *} stands for any characters
 * but a dot.
 *
 * @param text in lower case
 */
public record NamePattern(String text) {
    private static final Pattern FORM = Pattern.compile("(?=[^.].{0,252}$)[a-z0-9-]*\\*?[a-z0-9-]*(\\.[a-z0-9-]+)*");

    /** Throws {@link IllegalArgumentException} for what is no pattern. */
    public NamePattern {
        if (!FORM.matcher(text).matches()) {
            throw new IllegalArgumentException("a name is written demo, demo-*, app.example.org or *.example.org, in lower case");
        }
    }

    /** Whether it is one name. */
    boolean isWhole() {
        return text.indexOf('*') < 0;
    }

    /** The same without the domain behind it: names below that are told by their labels. */
    NamePattern below(String domain) {
        return text.endsWith('.' + domain) ? new NamePattern(text.substring(0, text.length() - domain.length() - 1)) : this;
    }

    /** {@code name}: a label, or a whole host name, in lower case. */
    public boolean matches(String name) {
        int star = text.indexOf('*');
        if (star < 0) {
            return text.equals(name);
        }
        String behind = text.substring(star + 1);
        int end = name.length() - behind.length();
        return end >= star && name.startsWith(text.substring(0, star)) && name.endsWith(behind) && name.substring(star, end).indexOf('.') < 0;
    }

    @Override
    public String toString() {
        return text;
    }
}
