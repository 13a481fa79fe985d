package tunnelforge.server.access;

import java.util.List;

/** Names and ports that somebody may have. */
public record Holdings(List<NamePattern> names, List<PortRange> ports) {
    static final Holdings NONE = new Holdings(List.of(), List.of());

    /** {@code name}: a label below the server's domain, or a whole host name. */
    boolean hasName(String name) {
        return names.stream().anyMatch(pattern -> pattern.matches(name));
    }

    boolean hasPort(int port) {
        return ports.stream().anyMatch(range -> range.contains(port));
    }
}
