package tunnelforge.http;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The two searches that go over every octet of a head, eight octets at a time: as long as none of the eight is interesting
 * (the usual bit tricks for "some octet is zero" and "some octet is below n"), none is looked at alone.
 */
final class OctetScan {
    private static final VarHandle EIGHT = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x8080808080808080L;
    private static final long LINE_FEEDS = ONES * '\n';
    private static final long SPACES = ONES * ' ';
    private static final long DELETES = ONES * 0x7f;

    private OctetScan() {
    }

    /** The first LF from a position on, or the end. */
    static int lineFeed(byte[] b, int from, int to) {
        int i = from;
        for (; i <= to - 8; i += 8) {
            long difference = (long) EIGHT.get(b, i) ^ LINE_FEEDS;
            if ((difference - ONES & ~difference & HIGHS) != 0) {
                break;
            }
        }
        while (i < to && b[i] != '\n') {
            i++;
        }
        return i;
    }

    /** The first octet that may not be in a field value, or the end. */
    static int valueEnd(byte[] b, int from, int to) {
        int i = from;
        while (true) {
            for (; i <= to - 8; i += 8) {
                long octets = (long) EIGHT.get(b, i);
                long difference = octets ^ DELETES;
                if (((octets - SPACES & ~octets | difference - ONES & ~difference) & HIGHS) != 0) {
                    break;
                }
            }
            int alone = Math.min(i + 8, to);
            while (i < alone && Octets.is(b[i], Octets.VALUE)) {
                i++;
            }
            // All eight were fine after all (an HTAB): on with the next.
            if (i < alone || i == to) {
                return i;
            }
        }
    }
}
