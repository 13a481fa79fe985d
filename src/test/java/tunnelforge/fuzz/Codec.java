package tunnelforge.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * How one codec is fuzzed. What a reading finds must not depend on the pieces in which the octets come, so it is compared by its words.
 *
 * @param <T> what is read, one or several from one input
 */
public final class Codec<T> {
    private static final int USUAL_LONGEST = 8 * 1024;
    /** Exceptions with their messages and stacks, and what the reading itself needs. */
    private static final int BESIDES = 16 * 1024;

    /** Reads one input. */
    public interface Reading<T> {
        /** Hands over each value as soon as it is read; ends, or throws. */
        void read(Input in, Consumer<T> found) throws Exception;
    }

    /** Reads one text. */
    public interface TextReading<T> {
        /** The value; null when the text is refused without an exception. */
        T read(String text) throws Exception;
    }

    /** What must hold for a value that was accepted. */
    public interface Property<T> {
        /** Throws anything where it does not. */
        void check(T value) throws Exception;
    }

    final String name;
    final Reading<T> reading;
    final boolean stream;
    final List<byte[]> corpus = new ArrayList<>();
    final List<byte[]> spice = new ArrayList<>();
    List<Class<?>> refusals = List.of();
    Property<T> property = value -> { };
    Function<? super T, String> words = String::valueOf;
    Function<Exception, String> code = e -> "";
    int longest = USUAL_LONGEST;
    private int fixed;
    private int perOctet;
    private int limit = Integer.MAX_VALUE;

    private Codec(String name, Reading<T> reading, boolean stream) {
        this.name = name;
        this.reading = reading;
        this.stream = stream;
    }

    /** What reads from a stream: tried in one piece and in many, which must come to the same. */
    public static <T> Codec<T> ofStream(String name, Reading<T> reading) {
        return new Codec<>(name, reading, true);
    }

    /** What reads an array. */
    public static <T> Codec<T> ofOctets(String name, Reading<T> reading) {
        return new Codec<>(name, reading, false);
    }

    /** What reads a text of which each character is an octet, as in heads. */
    public static <T> Codec<T> ofOctetText(String name, TextReading<T> reading) {
        return ofText(name, reading, octets -> new String(octets, ISO_8859_1));
    }

    /** What reads a text of any characters. Where the octets are not UTF-8 it gets half of a surrogate pair. */
    public static <T> Codec<T> ofText(String name, TextReading<T> reading) {
        return ofText(name, reading, octets -> new String(octets, UTF_8).replace('\uFFFD', '\uD83D'));
    }

    private static <T> Codec<T> ofText(String name, TextReading<T> reading, Function<byte[], String> decoding) {
        return new Codec<>(name, (in, found) -> {
            T value = reading.read(decoding.apply(in.octets()));
            if (value != null) {
                found.accept(value);
            }
        }, false);
    }

    /** Valid and nearly valid inputs, each character an octet. */
    public Codec<T> from(String... inputs) {
        for (String input : inputs) {
            corpus.add(input.getBytes(ISO_8859_1));
        }
        return this;
    }

    /** Valid and nearly valid inputs. */
    public Codec<T> from(byte[]... inputs) {
        corpus.addAll(List.of(inputs));
        return this;
    }

    /** What is put in beside the usual odd octets. */
    public Codec<T> spicedWith(String... pieces) {
        for (String piece : pieces) {
            spice.add(piece.getBytes(ISO_8859_1));
        }
        return this;
    }

    /** The exceptions that it names: exactly these classes. */
    public Codec<T> refusesBy(Class<?>... classes) {
        refusals = List.of(classes);
        return this;
    }

    /** What of an exception belongs to the outcome: a status, an alert. */
    public Codec<T> withCode(Function<Exception, String> ofException) {
        code = ofException;
        return this;
    }

    /** Says all of a value, where its own text leaves something out. */
    public Codec<T> inWords(Function<? super T, String> ofValue) {
        words = ofValue;
        return this;
    }

    /** What holds for each value that is accepted. */
    public Codec<T> suchThat(Property<T> holds) {
        property = holds;
        return this;
    }

    /** The longest inputs, in octets: a little beyond the codec's own limit. */
    public Codec<T> upTo(int octets) {
        longest = octets;
        return this;
    }

    /** It may allocate {@code bytes} at once, and {@code more} for each octet of the input. */
    public Codec<T> allocates(int bytes, int more) {
        fixed = bytes;
        perOctet = more;
        return this;
    }

    /** It may allocate {@code bytes} at once, and {@code more} for each octet of the input up to its limit. */
    public Codec<T> allocates(int bytes, int more, int limitOctets) {
        limit = limitOctets;
        return allocates(bytes, more);
    }

    long mostBytes(int octets) {
        return BESIDES + fixed + (long) perOctet * Math.min(octets, limit);
    }
}
