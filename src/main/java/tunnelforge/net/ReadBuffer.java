package tunnelforge.net;

/**
 * What was read ahead and not taken yet. It is small while little comes, grows while reads fill it, and is small again after a pause; what is above
 * SMALL is charged. For one task at a time.
 */
final class ReadBuffer {
    /** For a connection on which little comes. */
    static final int SMALL = 2 * 1024;
    /** Two TLS records. */
    static final int LARGE = 32 * 1024;

    private static final int GROWTH = 4;
    private static final byte[] NONE = {};

    private final Ledger ledger;
    private byte[] array = NONE;
    private int from;
    private int to;
    /** Of the next array; never below the present one's. */
    private int size = SMALL;
    private boolean tooLarge;
    private boolean released;

    ReadBuffer(Ledger ledger) {
        this.ledger = ledger;
    }

    int length() {
        return to - from;
    }

    boolean isEmpty() {
        return from == to;
    }

    /** What an empty one has room for. */
    int size() {
        return size;
    }

    int take(byte[] b, int off, int len) {
        int count = Math.min(len, to - from);
        System.arraycopy(array, from, b, off, count);
        from += count;
        return count;
    }

    // ---- Where the next read may put what it reads: room() bytes of array() from end() on. ----

    byte[] array() {
        return array;
    }

    int end() {
        return to;
    }

    int room() {
        return array.length - to;
    }

    /** Has room for more afterwards; false when it is full and may not grow. */
    boolean makeRoom() {
        if (isEmpty()) {
            if (tooLarge) {
                shrink();
            }
            if (array.length != size) {
                array = new byte[size];
            }
            from = 0;
            to = 0;
        } else if (to == array.length) {
            if (from == 0 && size == array.length && !grow()) {
                return false;
            }
            byte[] roomy = new byte[size];
            System.arraycopy(array, from, roomy, 0, length());
            to -= from;
            from = 0;
            array = roomy;
        }
        return true;
    }

    /** A read has put {@code count} bytes there. */
    void added(int count) {
        to += count;
        if (to == array.length) {
            grow();
        }
    }

    /** So little comes that the next array is to be small. */
    void isTooLarge() {
        tooLarge = true;
    }

    private boolean grow() {
        int more = (GROWTH - 1) * size;
        if (size == LARGE || released || !ledger.tryGrow(more)) {
            return false;
        }
        size += more;
        return true;
    }

    private void shrink() {
        if (!released) {
            ledger.release(size - SMALL);
        }
        size = SMALL;
        tooLarge = false;
    }

    /** Gives back what was charged; it grows no more. */
    void release() {
        if (!released) {
            released = true;
            ledger.release(size - SMALL);
        }
    }
}
