package tunnelforge.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.InputStream;
import java.util.Arrays;

/** A stream that hands its octets out in pieces, so that a reader meets them cut anywhere; counts its reads. */
final class Pieces extends InputStream {
    private final byte[] octets;
    private final int[] cuts;
    private int at;
    int reads;

    private Pieces(byte[] octets, int[] cuts) {
        this.octets = octets;
        this.cuts = cuts;
    }

    static byte[] octets(String text) {
        return text.getBytes(ISO_8859_1);
    }

    static Pieces whole(byte[] octets) {
        return new Pieces(octets, new int[0]);
    }

    static Pieces whole(String text) {
        return whole(octets(text));
    }

    static Pieces cutAt(byte[] octets, int... cuts) {
        return new Pieces(octets, cuts);
    }

    static Pieces ofSize(byte[] octets, int size) {
        int[] cuts = new int[octets.length / size + 1];
        Arrays.setAll(cuts, i -> (i + 1) * size);
        return new Pieces(octets, cuts);
    }

    @Override
    public int read() {
        throw new UnsupportedOperationException("octets are to be read in bulk");
    }

    @Override
    public int read(byte[] dst, int off, int len) {
        if (len == 0) {
            throw new IllegalArgumentException("a read of zero octets");
        }
        reads++;
        if (at == octets.length) {
            return -1;
        }
        int end = octets.length;
        for (int cut : cuts) {
            if (cut > at && cut < end) {
                end = cut;
            }
        }
        int n = Math.min(len, end - at);
        System.arraycopy(octets, at, dst, off, n);
        at += n;
        return n;
    }
}
