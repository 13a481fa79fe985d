package tunnelforge.metrics;

import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/**
 * Counts events of a few kinds. Any task may call it; counting neither locks nor allocates nor waits.
 *
 * @param <E> the kinds
 */
public final class Counts<E extends Enum<E>> {
    private final E[] kinds;
    private final LongAdder[] counts;

    /** Nothing has been counted. */
    public Counts(Class<E> kinds) {
        this.kinds = kinds.getEnumConstants();
        counts = Stream.of(this.kinds).map(kind -> new LongAdder()).toArray(LongAdder[]::new);
    }

    /** One more of this kind. */
    public void add(E kind) {
        counts[kind.ordinal()].increment();
    }

    /** How many there have been of this kind. */
    public long of(E kind) {
        return counts[kind.ordinal()].sum();
    }

    /** In their order. */
    public List<E> kinds() {
        return List.of(kinds);
    }
}
