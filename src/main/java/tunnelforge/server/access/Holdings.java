package tunnelforge.server.access;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Names and ports that somebody may have. */
public record Holdings(List<NamePattern> names, List<PortRange> ports) {
    private static final String NAME = "name:";
    private static final String PORT = "port:";
    /** That a person is told. */
    private static final int MOST_TOLD = 5;

    static final Holdings NONE = new Holdings(List.of(), List.of());

    /** What a token is for: {@code name:demo-*}, {@code port:20000-20010}. Throws {@link IllegalArgumentException} for what is neither. {@code domain}: the server's. */
    static Holdings ofUses(List<String> uses, String domain) {
        List<NamePattern> names = new ArrayList<>();
        List<PortRange> ports = new ArrayList<>();
        for (String use : uses) {
            if (use.startsWith(NAME)) {
                names.add(new NamePattern(use.substring(NAME.length())).below(domain));
            } else if (use.startsWith(PORT)) {
                ports.add(PortRange.parse(use.substring(PORT.length())));
            } else {
                throw new IllegalArgumentException("a token is for name:demo-* or port:20000-20010");
            }
        }
        return new Holdings(List.copyOf(names), List.copyOf(ports));
    }

    /** {@code name}: a label below the server's domain, or a whole host name. */
    boolean hasName(String name) {
        return names.stream().anyMatch(pattern -> pattern.matches(name));
    }

    boolean hasPort(int port) {
        return ports.stream().anyMatch(range -> range.contains(port));
    }

    /** As {@link #ofUses} reads them, the first few of many. */
    @Override
    public String toString() {
        Stream<String> uses = Stream.concat(names.stream().map(name -> NAME + name), ports.stream().map(range -> PORT + range));
        int count = names.size() + ports.size();
        return count == 0 ? "nothing" : uses.limit(MOST_TOLD).collect(Collectors.joining(", ")) + (count > MOST_TOLD ? " ..." : "");
    }
}
