package tunnelforge.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Makes inputs out of others. The same seed and the same corpus give the same inputs. */
final class Mutator {
    private static final int MOST_EDITS = 5;
    private static final int MOST_FOUND = 2_000;
    private static final int LONGEST_FOUND = 2_048;
    private static final String[] NUMBERS = {"0", "-1", "-0", "+1", "00", "1", "7", "8", "255", "256", "65535", "65536", "2147483647", "2147483648", "4294967296",
        "9223372036854775807", "9223372036854775808", "18446744073709551616", "7fffffffffffffff", "8000000000000000", "ffffffffffffffff", "1e9", "1e999999999", "0.5",
        "0x10", "99999999999999999999999999999999999999999999999999", "1_000", "\u00b2"};
    private static final long[] BINARY = {0, 1, -1, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x7f_ffff, 0x80_0000, 0x7fff_ffffL, 0x8000_0000L, 0xffff_ffffL,
        Long.MAX_VALUE, Long.MIN_VALUE};
    private static final String[] SPICE = {"\r", "\n", "\r\n", "\r\n\r\n", "\n\n", "\0", " ", "\t", "\u000b", "\u000c", "\u001b", "\u007f", "\u0080", "\u0085", "\u00a0", "\u00ff",
        "\u00c3\u00a9", "\u00e2\u0080\u00a8", "\u00f0\u009f\u0098\u0080", "\u00ed\u00a0\u0080", "\u00c0\u0080", "\u00ef\u00bb\u00bf", "\u00c4\u00b0", "\u00d9\u00a3",
        "\"", "'", "\\", "\\u0000", "\\ud83d", "\\ude00", ":", ";", ",", "=", "/", "//", "/*", "*/", "..", "%", "%00", "%2e", "%2f", "?", "#", "*", "@",
        "[", "]", "{", "}", "(", ")", "<", ">", "-", ".", "_"};

    private final Random random;
    private final int longest;
    private final List<byte[]> corpus;
    private final List<byte[]> spice = new ArrayList<>();
    private final int given;

    Mutator(Codec<?> codec, Random random) {
        this.random = random;
        this.longest = codec.longest;
        this.corpus = new ArrayList<>(codec.corpus);
        this.given = corpus.size();
        for (String piece : SPICE) {
            spice.add(piece.getBytes(ISO_8859_1));
        }
        // As often as all the others together.
        for (int i = 0; !codec.spice.isEmpty() && i < SPICE.length; i++) {
            spice.add(codec.spice.get(i % codec.spice.size()));
        }
    }

    /** An input that led to something new: others may be made of it. */
    void keep(byte[] input) {
        if (input.length <= LONGEST_FOUND && corpus.size() < given + MOST_FOUND) {
            corpus.add(input);
        }
    }

    byte[] next() {
        byte[] made = any();
        for (int edits = 1 + random.nextInt(1 + random.nextInt(MOST_EDITS)); edits > 0; edits--) {
            made = edited(made);
        }
        return made.length <= longest ? made : Arrays.copyOf(made, longest);
    }

    /** One of those that were given as often as one that was found. */
    private byte[] any() {
        int from = corpus.size() > given && random.nextBoolean() ? given : 0;
        return corpus.get(from + random.nextInt((from == 0 ? given : corpus.size()) - from));
    }

    private byte[] edited(byte[] b) {
        int at = random.nextInt(b.length + 1);
        int to = at + random.nextInt(Math.min(b.length - at, random.nextInt(4) == 0 ? b.length : 8) + 1);
        return switch (random.nextInt(14)) {
            case 0 -> flipped(b);
            case 1 -> joined(b, at, bytes(1 + random.nextInt(4)), at);
            case 2 -> joined(b, at, bytes(to - at), to);
            case 3, 4 -> joined(b, at, spice.get(random.nextInt(spice.size())), random.nextBoolean() ? at : to);
            case 5 -> joined(b, at, new byte[0], to);
            case 6 -> joined(b, to, Arrays.copyOfRange(b, at, to), to);
            case 7 -> swapped(b, at, to);
            case 8 -> spliced(b, at, any());
            case 9 -> inserted(b, at, any());
            case 10 -> numbered(b, at);
            case 11 -> binary(b, at);
            case 12 -> repeated(b, at, to);
            default -> random.nextInt(3) > 0 ? cased(b, at, to) : Arrays.copyOf(b, at);
        };
    }

    private byte[] flipped(byte[] b) {
        byte[] made = b.clone();
        if (b.length > 0) {
            made[random.nextInt(b.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return made;
    }

    /** A slice trades its place with the one of its length behind it. */
    private static byte[] swapped(byte[] b, int at, int to) {
        int length = Math.min(to - at, b.length - to);
        byte[] made = b.clone();
        System.arraycopy(b, at, made, at + length, length);
        System.arraycopy(b, at + length, made, at, length);
        return made;
    }

    private byte[] spliced(byte[] b, int at, byte[] other) {
        return joined(b, at, Arrays.copyOfRange(other, random.nextInt(other.length + 1), other.length), b.length);
    }

    private byte[] inserted(byte[] b, int at, byte[] other) {
        int from = random.nextInt(other.length + 1);
        return joined(b, at, Arrays.copyOfRange(other, from, from + random.nextInt(other.length - from + 1)), at);
    }

    /** The next number in digits becomes one at an edge. */
    private byte[] numbered(byte[] b, int from) {
        int at = from;
        while (at < b.length && !isDigit(b[at])) {
            at++;
        }
        int to = at;
        while (to < b.length && isDigit(b[to])) {
            to++;
        }
        return joined(b, at, NUMBERS[random.nextInt(NUMBERS.length)].getBytes(ISO_8859_1), to);
    }

    private byte[] binary(byte[] b, int at) {
        long number = BINARY[random.nextInt(BINARY.length)];
        byte[] made = b.clone();
        int length = Math.min(1 << random.nextInt(4), b.length - at);
        for (int i = 0; i < length; i++) {
            made[at + i] = (byte) (number >> 8 * (length - 1 - i));
        }
        return made;
    }

    /** A few times mostly, and now and then as often as it takes to be too long. */
    private byte[] repeated(byte[] b, int at, int to) {
        if (at == to) {
            return b;
        }
        int room = Math.max(1, (longest - b.length) / (to - at));
        int times = Math.min(room, random.nextInt(60) == 0 ? room : 1 + random.nextInt(random.nextInt(4) == 0 ? 300 : 8));
        byte[] run = new byte[times * (to - at)];
        for (int i = 0; i < times; i++) {
            System.arraycopy(b, at, run, i * (to - at), to - at);
        }
        return joined(b, at, run, at);
    }

    private static byte[] cased(byte[] b, int at, int to) {
        byte[] made = b.clone();
        for (int i = at; i < to; i++) {
            made[i] ^= (byte) (Character.isLetter(made[i] & 0x7f) ? 0x20 : 0);
        }
        return made;
    }

    private byte[] bytes(int length) {
        byte[] made = new byte[length];
        random.nextBytes(made);
        return made;
    }

    private static boolean isDigit(byte octet) {
        return octet >= '0' && octet <= '9';
    }

    /** The octets before {@code upTo}, a middle, and those from {@code on}. */
    private static byte[] joined(byte[] b, int upTo, byte[] middle, int on) {
        ByteArrayOutputStream made = new ByteArrayOutputStream(b.length + middle.length);
        made.write(b, 0, upTo);
        made.writeBytes(middle);
        made.write(b, on, b.length - on);
        return made.toByteArray();
    }
}
