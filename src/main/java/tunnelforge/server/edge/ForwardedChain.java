package tunnelforge.server.edge;

import java.util.ArrayList;
import java.util.List;
import tunnelforge.http.Fields;

/**
 * What Forwarded says (RFC 7239 section 4): elements, the visitor's first, of parameters. One that is not well-formed says nothing: where readers would see
 * different elements, what a visitor has sent could swallow those that load balancers have added.
 *
 * @param elements of each its names and values in turns, unquoted; none is empty
 */
record ForwardedChain(List<List<String>> elements) {
    private static final String ENDS_VALUE = " \t,;=\"";

    /** Null when the fields say nothing, or are not well-formed. */
    static ForwardedChain of(Fields fields) {
        List<List<String>> elements = new Scanner(String.join(",", fields.all("Forwarded"))).elements();
        return elements == null || elements.isEmpty() ? null : new ForwardedChain(elements);
    }

    /** A parameter of the visitor's own element; null when it has none. */
    String first(String name) {
        return parameter(elements.getFirst(), name);
    }

    /** A parameter of each element; null for those that have none. */
    List<String> all(String name) {
        List<String> all = new ArrayList<>();
        elements.forEach(element -> all.add(parameter(element, name)));
        return all;
    }

    /** All of it by the grammar, quoted only where that is due. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (List<String> element : elements) {
            for (int i = 0; i < element.size(); i += 2) {
                String value = element.get(i + 1);
                text.append(i > 0 ? ";" : text.isEmpty() ? "" : ", ").append(element.get(i)).append('=')
                        .append(Fields.isName(value) ? value : '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"');
            }
        }
        return text.toString();
    }

    private static String parameter(List<String> element, String name) {
        for (int i = 0; i < element.size(); i += 2) {
            if (element.get(i).equalsIgnoreCase(name)) {
                return element.get(i + 1);
            }
        }
        return null;
    }

    /** Blanks around what separates are passed over, empty elements and parameters too, and a value need not be a token: all of that has only one reading. */
    private static final class Scanner {
        private final String text;
        private int at;

        Scanner(String text) {
            this.text = text;
        }

        /** Null when the text is not well-formed. */
        List<List<String>> elements() {
            List<List<String>> elements = new ArrayList<>();
            List<String> element = new ArrayList<>();
            while (true) {
                skipBlanks();
                if (!isAt(',') && !isAt(';') && at < text.length() && !pair(element)) {
                    return null;
                }
                if (!isAt(';')) {
                    if (!element.isEmpty()) {
                        elements.add(element);
                        element = new ArrayList<>();
                    }
                    if (at == text.length()) {
                        return elements;
                    }
                }
                at++;
            }
        }

        /** Up to what separates it from the next. */
        private boolean pair(List<String> element) {
            String name = word();
            skipBlanks();
            if (!Fields.isName(name) || !isAt('=')) {
                return false;
            }
            at++;
            skipBlanks();
            String value = isAt('"') ? quoted() : word();
            skipBlanks();
            element.add(name);
            element.add(value);
            return value != null && (at == text.length() || isAt(',') || isAt(';'));
        }

        private String word() {
            int start = at;
            while (at < text.length() && ENDS_VALUE.indexOf(text.charAt(at)) < 0) {
                at++;
            }
            return text.substring(start, at);
        }

        /** Null when it does not end. */
        private String quoted() {
            StringBuilder value = new StringBuilder();
            for (at++; !isAt('"'); at++) {
                if (isAt('\\')) {
                    at++;
                }
                if (at >= text.length()) {
                    return null;
                }
                value.append(text.charAt(at));
            }
            at++;
            return value.toString();
        }

        private void skipBlanks() {
            while (isAt(' ') || isAt('\t')) {
                at++;
            }
        }

        private boolean isAt(char c) {
            return at < text.length() && text.charAt(at) == c;
        }
    }
}
