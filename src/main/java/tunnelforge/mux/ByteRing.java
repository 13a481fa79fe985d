package tunnelforge.mux;

/**
 * Bytes between one producer and one consumer. All calls are made under the owner's lock, except that the consumer may read the region
 * {@code array()[offset() .. offset()+contiguous())} without it: nothing writes there until {@link #skip}, and an array that has been
 * outgrown keeps its contents.
 */
final class ByteRing {
    private static final int SMALLEST = 1024;

    private byte[] bytes;
    private int start;
    private int size;

    int size() {
        return size;
    }

    byte[] array() {
        return bytes;
    }

    int offset() {
        return start;
    }

    /** How many bytes can be read from {@link #offset} in one piece. */
    int contiguous() {
        return bytes == null ? 0 : Math.min(size, bytes.length - start);
    }

    void skip(int count) {
        size -= count;
        start = size == 0 ? 0 : (start + count) % bytes.length;
    }

    void write(byte[] source, int off, int length) {
        ensure(size + length);
        int end = (start + size) % bytes.length;
        int first = Math.min(length, bytes.length - end);
        System.arraycopy(source, off, bytes, end, first);
        System.arraycopy(source, off + first, bytes, 0, length - first);
        size += length;
    }

    /** How large the array is when {@code more} bytes have been written. */
    int capacityFor(int more) {
        int capacity = bytes == null ? 0 : bytes.length;
        return size + more <= capacity ? capacity : arraySize(size + more);
    }

    private static int arraySize(int capacity) {
        return Math.max(SMALLEST, Integer.highestOneBit(Math.max(1, capacity - 1)) << 1);
    }

    private void ensure(int capacity) {
        if (bytes != null && bytes.length >= capacity) {
            return;
        }
        moveTo(capacity);
    }

    /** Gives back what it has grown to beyond twice the {@code limit}, which is at least what is in it. */
    void fit(int limit) {
        if (bytes != null && bytes.length > 2L * Math.max(SMALLEST, limit)) {
            moveTo(limit);
        }
    }

    private void moveTo(int capacity) {
        byte[] other = new byte[arraySize(capacity)];
        int first = contiguous();
        if (bytes != null) {
            System.arraycopy(bytes, start, other, 0, first);
            System.arraycopy(bytes, 0, other, first, size - first);
        }
        bytes = other;
        start = 0;
    }

    void clear() {
        bytes = null;
        start = 0;
        size = 0;
    }
}
