package tunnelforge.server.access;

/**
 * The ports that {@code tcp} tunnels get.
 *
 * @param first 1 to 65535
 * @param last at least {@code first}
 */
public record PortRange(int first, int last) {
    /** Unless the server is told otherwise. */
    public static final PortRange USUAL = new PortRange(20_000, 20_999);

    public PortRange {
        if (first < 1 || last > 65_535 || first > last) {
            throw new IllegalArgumentException("ports are 1 to 65535, the lower one first");
        }
    }

    /** Reads {@code A-B}, or one port. */
    public static PortRange parse(String text) {
        String[] ends = text.split("-", 2);
        if (!ends[0].matches("[0-9]{1,5}") || !ends[ends.length - 1].matches("[0-9]{1,5}")) {
            throw new IllegalArgumentException("a range of ports is written 20000-20999");
        }
        return new PortRange(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]));
    }

    public boolean contains(int port) {
        return port >= first && port <= last;
    }

    public int size() {
        return last - first + 1;
    }

    @Override
    public String toString() {
        return first + "-" + last;
    }
}
