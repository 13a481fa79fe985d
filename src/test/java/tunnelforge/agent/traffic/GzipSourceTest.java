package tunnelforge.agent.traffic;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.http.BodySource;
import tunnelforge.http.Fields;

/** What is read of a compressed body, and when. */
final class GzipSourceTest {
    private static final int HEADER = 10;

    private final Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);

    @AfterEach
    void end() {
        deflater.end();
    }

    /** A body that comes in pieces: between two of them nothing is at hand, and a read would wait, which no test ever lets it. */
    private static final class Pieces implements BodySource {
        private final byte[] bytes;
        private final int[] sizes;
        private int piece;
        private int at;
        private int end;

        Pieces(byte[] bytes, int... sizes) {
            this.bytes = bytes;
            this.sizes = sizes;
        }

        /** The next piece has come. */
        void arrive() {
            end += sizes[piece++];
        }

        boolean all() {
            return piece == sizes.length;
        }

        @Override
        public int read(byte[] b, int off, int len) {
            if (ended()) {
                return -1;
            }
            if (at == end) {
                throw new AssertionError("a read that waits, after " + at + " bytes");
            }
            int count = Math.min(len, end - at);
            System.arraycopy(bytes, at, b, off, count);
            at += count;
            return count;
        }

        @Override
        public boolean ready() {
            return ended() || at < end;
        }

        @Override
        public boolean ended() {
            return at == bytes.length && all();
        }

        @Override
        public Fields trailers() {
            Fields trailers = new Fields();
            trailers.add("X-Sum", "1");
            return trailers;
        }
    }

    private static byte[] text(int length, long seed) {
        Random random = new Random(seed);
        byte[] text = new byte[length];
        for (int i = 0; i < length; i++) {
            text[i] = (byte) "the quick brown fox ".charAt(random.nextInt(20));
        }
        return text;
    }

    private static byte[] noise(int length, long seed) {
        byte[] noise = new byte[length];
        new Random(seed).nextBytes(noise);
        return noise;
    }

    /** What a decoder that is fed with everything so far can show. */
    private static byte[] decoded(ByteArrayOutputStream read) throws DataFormatException {
        Inflater inflater = new Inflater(true);
        try {
            byte[] gzip = read.toByteArray();
            inflater.setInput(gzip, HEADER, gzip.length - HEADER);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            byte[] buffer = new byte[1 << 16];
            for (int count; (count = inflater.inflate(buffer)) > 0;) {
                out.write(buffer, 0, count);
            }
            return out.toByteArray();
        } finally {
            inflater.end();
        }
    }

    private static void drain(GzipSource source, int step, ByteArrayOutputStream to) throws IOException {
        byte[] buffer = new byte[step + 3];
        while (source.ready() && !source.ended()) {
            int count = source.read(buffer, 3, step);
            assertTrue(count > 0 && count <= step, "a read of " + count);
            to.write(buffer, 3, count);
        }
    }

    private static byte[] unzipped(byte[] gzip) throws IOException {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(gzip))) {
            return in.readAllBytes();
        }
    }

    /** The source is never asked to wait while something is owed; and all that it has given can be decoded when it has no more. */
    private void piecesAreFlushed(byte[] bytes, int step, int... sizes) throws Exception {
        Pieces pieces = new Pieces(bytes, sizes);
        GzipSource source = new GzipSource(pieces, deflater, Long.MAX_VALUE);
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        assertFalse(source.ready());
        assertFalse(source.ended());
        while (!pieces.all()) {
            pieces.arrive();
            drain(source, step, read);
            if (!pieces.all()) {
                assertArrayEquals(Arrays.copyOf(bytes, pieces.end), decoded(read));
            }
        }
        assertTrue(source.ended());
        assertEquals(-1, source.read(new byte[1], 0, 1));
        assertArrayEquals(bytes, unzipped(read.toByteArray()));
        assertEquals("1", source.trailers().get("X-Sum"));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 100, 8192, 70_000})
    void whatHasComeCanBeDecodedWhateverIsReadAtOnce(int step) throws Exception {
        piecesAreFlushed(text(100_000, 1), step, 1, 20, 3000, 50_000, 16_384, 30_595, 0);
        deflater.reset();
        piecesAreFlushed(noise(100_000, 1), step, 1, 20, 3000, 50_000, 16_384, 30_595);
    }

    /** Among these sizes are those whose compressed form just fills the output. */
    @Test
    void aFlushThatJustFillsTheOutputIsWhole() throws Exception {
        for (int size = 8100; size < 8220; size++) {
            deflater.reset();
            piecesAreFlushed(noise(2 * size, size), 4096, size, size);
        }
    }

    @Test
    void anEmptyBodyIsAnEmptyGzip() throws Exception {
        GzipSource source = new GzipSource(new Pieces(new byte[0]), deflater, Long.MAX_VALUE);
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        assertTrue(source.ready());
        drain(source, 1, read);
        assertEquals(0, unzipped(read.toByteArray()).length);
        assertTrue(source.ended());
    }

    @Test
    void randomBodiesInRandomPiecesComeBack() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            deflater.reset();
            int length = random.nextInt(1, 200_000);
            int[] cuts = random.ints(random.nextInt(8), 0, length).sorted().toArray();
            int[] sizes = new int[cuts.length + 1];
            int last = 0;
            for (int i = 0; i < cuts.length; i++) {
                sizes[i] = cuts[i] - last;
                last = cuts[i];
            }
            sizes[cuts.length] = length - last;
            byte[] bytes = random.nextBoolean() ? text(length, seed) : noise(length, seed);
            try {
                piecesAreFlushed(bytes, random.nextInt(1, 20_000), sizes);
            } catch (Exception | AssertionError e) {
                throw new AssertionError("seed " + seed + ", round " + round, e);
            }
        }
    }

    @Test
    void aBodyOfAKnownLengthHasNoMoreBuffersThanItNeeds() throws Exception {
        for (int length : List.of(Compressible.MIN_BYTES, 5000, 100_000)) {
            deflater.reset();
            Pieces pieces = new Pieces(noise(length, length), length);
            pieces.arrive();
            GzipSource source = new GzipSource(pieces, deflater, length);
            ByteArrayOutputStream read = new ByteArrayOutputStream();
            drain(source, 300, read);
            assertArrayEquals(noise(length, length), unzipped(read.toByteArray()));
        }
    }
}
