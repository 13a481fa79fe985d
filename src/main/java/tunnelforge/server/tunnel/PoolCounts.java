package tunnelforge.server.tunnel;

/**
 * A tunnel's data connections at a moment.
 *
 * @param busy those that carry something
 * @param idle those that carry nothing
 * @param draining those that take nothing new
 * @param exchanges and sessions that all of them carry
 */
public record PoolCounts(int busy, int idle, int draining, int exchanges) {
    /** Those that take visitors. */
    public int open() {
        return busy + idle;
    }
}
