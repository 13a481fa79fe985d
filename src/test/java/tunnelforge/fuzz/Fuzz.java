package tunnelforge.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import tunnelforge.text.Printable;

/** Tries one codec with many inputs. Inputs that come to something new are kept, and others are made of them. */
final class Fuzz<T> {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    /** Code that runs for the first time allocates for itself: what is too much once is measured again. */
    private static final int MEASURED = 3;
    private static final int MOST_SHORTENED = 4_000;
    private static final int MOST_SHOWN = 4_000;
    private static final int MOST_MESSAGE = 1_000;
    private static final int MANY = 8;

    private final Codec<T> codec;
    private final long seed;
    private final int count;
    private final Set<String> shapes = new HashSet<>();
    private final Map<String, Integer> outcomes = new TreeMap<>();
    private int accepted;
    private long mostAllocated;
    private double closest;
    private long slowest;

    Fuzz(Codec<T> codec, long seed, int count) {
        this.codec = codec;
        this.seed = seed;
        this.count = count;
    }

    /** What came of one input. */
    private record Outcome<T>(List<T> found, Exception refusal) {
    }

    /** Every input of the corpus as it is, then {@code count} that are made of them. Throws {@link AssertionError} at the first that breaks a rule; gives a line of figures. */
    String run() {
        // Each codec has inputs of its own, also where it is tried alone.
        Random random = new Random(seed * 31 + codec.name.hashCode());
        Mutator mutator = new Mutator(codec, random);
        long start = System.nanoTime();
        int given = codec.corpus.size();
        for (int i = 0; i < given + count; i++) {
            byte[] input = i < given ? codec.corpus.get(i) : mutator.next();
            long pieces = random.nextLong();
            try {
                if (tryOut(input, pieces)) {
                    mutator.keep(input);
                }
            } catch (Throwable e) {
                throw new AssertionError(failure(i, input, pieces, e), e);
            }
        }
        return figures(System.nanoTime() - start);
    }

    /** Whether something new came of it. */
    private boolean tryOut(byte[] input, long pieces) throws Exception {
        long began = System.nanoTime();
        Outcome<T> whole = measured(input);
        slowest = Math.max(slowest, System.nanoTime() - began);
        if (codec.stream) {
            same(whole, read(new Input(input, new Random(pieces))));
        }
        for (T value : whole.found) {
            codec.property.check(value);
        }
        accepted += whole.found.isEmpty() ? 0 : 1;
        if (whole.refusal != null) {
            requirePrintable(whole.refusal.getMessage());
        }
        String kind = whole.refusal != null ? whole.refusal.getClass().getSimpleName() : whole.found.isEmpty() ? "nothing" : "to the end";
        outcomes.merge(kind, 1, Integer::sum);
        String shape = kind + Math.min(MANY, whole.found.size()) + (whole.refusal == null ? "" : whole.refusal.getMessage());
        return shapes.add(shape.replaceAll("(?s)'.*'|0x[0-9a-f]{2}|value of .*|[0-9]+", "#"));
    }

    private Outcome<T> measured(byte[] input) throws Exception {
        long limit = codec.mostBytes(input.length);
        for (int i = 1;; i++) {
            Input in = new Input(input, null);
            long before = THREADS.getCurrentThreadAllocatedBytes();
            Outcome<T> outcome = read(in);
            long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
            if (allocated <= limit) {
                mostAllocated = Math.max(mostAllocated, allocated);
                closest = Math.max(closest, (double) allocated / limit);
                return outcome;
            }
            if (i == MEASURED) {
                throw new AssertionError("allocates " + allocated + " bytes for " + input.length + " octets where " + limit + " are the limit");
            }
        }
    }

    private Outcome<T> read(Input in) throws Exception {
        List<T> found = new ArrayList<>();
        try {
            codec.reading.read(in, found::add);
            return new Outcome<>(found, null);
        } catch (Exception e) {
            if (!codec.refusals.contains(e.getClass())) {
                throw e;
            }
            return new Outcome<>(found, e);
        }
    }

    private void same(Outcome<T> whole, Outcome<T> cut) {
        String one = inWords(whole);
        String other = inWords(cut);
        if (!one.equals(other)) {
            throw new AssertionError("in one piece it is " + one + " but in many " + other);
        }
    }

    private String inWords(Outcome<T> outcome) {
        StringBuilder words = new StringBuilder();
        for (T value : outcome.found) {
            words.append(codec.words.apply(value)).append('\n');
        }
        return words.append(outcome.refusal == null ? "end" : outcome.refusal.getClass().getSimpleName() + codec.code.apply(outcome.refusal)).toString();
    }

    /** What a peer or a file says may stand in a message, but does nothing to the terminal or the log where that is shown. */
    private static void requirePrintable(String message) {
        if (message == null || message.length() > MOST_MESSAGE || message.chars().anyMatch(c -> Character.isISOControl(c) || c == '\u2028' || c == '\u2029')) {
            throw new AssertionError("a message that is too long or not printable: " + Printable.quoted(String.valueOf(message)));
        }
    }

    private String figures(long nanos) {
        StringBuilder counted = new StringBuilder();
        outcomes.forEach((kind, times) -> counted.append(counted.isEmpty() ? "" : ", ").append(times).append(' ').append(kind));
        return String.format(Locale.ROOT, "%-24s %d: %d accepted; %s; %d shapes; at most %,d bytes, %.0f %% of the limit; slowest %.1f ms; %.1f s", codec.name, count, accepted, counted,
                shapes.size(), mostAllocated, 100 * closest, slowest / 1e6, nanos / 1e9);
    }

    // ---- What is told of a failure. ----

    private String failure(int number, byte[] input, long pieces, Throwable cause) {
        byte[] shorter = shortened(input, pieces, cause.getClass());
        return codec.name + ", input " + number + ": " + Printable.line(Printable.cut(cause.toString(), MOST_MESSAGE))
                + "\n  " + input.length + " octets: " + escaped(input) + "\n  shortened to " + shorter.length + ": " + escaped(shorter)
                + "\n  again: make fuzz FUZZ=" + codec.name + " SEED=" + seed + " COUNT=" + count;
    }

    /** Leaves out whatever can be left out while it fails in the same way. */
    private byte[] shortened(byte[] input, long pieces, Class<?> failure) {
        byte[] least = input;
        int tried = 0;
        for (int length = Math.max(1, least.length / 2); length > 0; length /= 2) {
            for (int at = 0; at + length <= least.length && tried < MOST_SHORTENED; tried++) {
                byte[] without = Arrays.copyOf(least, least.length - length);
                System.arraycopy(least, at + length, without, at, without.length - at);
                if (fails(without, pieces, failure)) {
                    least = without;
                } else {
                    at += length;
                }
            }
        }
        return least;
    }

    private boolean fails(byte[] input, long pieces, Class<?> failure) {
        try {
            tryOut(input, pieces);
            return false;
        } catch (Throwable e) {
            return e.getClass() == failure;
        }
    }

    /** As it may stand between quotes in Java, each octet a character. */
    private static String escaped(byte[] octets) {
        StringBuilder text = new StringBuilder("\"");
        for (int i = 0; i < octets.length && text.length() < MOST_SHOWN; i++) {
            char c = (char) (octets[i] & 0xff);
            switch (c) {
                case '\r' -> text.append("\\r");
                case '\n' -> text.append("\\n");
                case '"', '\\' -> text.append('\\').append(c);
                default -> text.append(c >= ' ' && c < 0x7f ? String.valueOf(c) : String.format("\\u%04x", (int) c));
            }
        }
        return text.append(text.length() < MOST_SHOWN ? "\"" : "...").toString();
    }
}
