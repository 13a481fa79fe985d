package tunnelforge.http;

import java.util.Arrays;

/**
 * The framing around the data of a chunked body (RFC 9112 section 7.1), octet by octet, so that it may be cut anywhere.
 *
 * <pre>
 *   SIZE ─▶ BLANKS ─▶ EXTENSION ─▶ SIZE_LF ─▶ DATA ─▶ DATA_CR ─▶ DATA_LF ─▶ SIZE
 *     └────────────────────────────┘  └─(size 0)─▶ TRAILERS ─▶ ENDED
 * </pre>
 */
final class ChunkedDecoder {
    private enum State { SIZE, BLANKS, EXTENSION, SIZE_LF, DATA, DATA_CR, DATA_LF, TRAILERS, ENDED }

    private static final int FIRST_TRAILER_BYTES = 512;
    private static final byte[] NONE = {};

    private final Sender sender;
    private final Room room;
    private State state = State.SIZE;
    private long size;
    private int digits;
    private int lineBytes;
    private byte[] trailerBytes = NONE;
    private int trailerLength;
    private Fields trailers;

    ChunkedDecoder(Sender sender, Room room) {
        this.sender = sender;
        this.room = room;
    }

    /** Gives back the memory of trailers that have not ended. */
    void release() {
        room.giveBack(trailerBytes.length);
        trailerBytes = NONE;
        trailerLength = 0;
    }

    /** Data octets of the present chunk still to come; 0 while framing is due. */
    long dataLeft() {
        return state == State.DATA ? size : 0;
    }

    void tookData(int n) {
        size -= n;
        if (size == 0) {
            state = State.DATA_CR;
        }
    }

    boolean ended() {
        return state == State.ENDED;
    }

    /** Not null once ended. */
    Fields trailers() {
        return trailers;
    }

    /** Takes framing octets up to the next data, the end of the body or the end of the octets; returns where it stopped. */
    int takeFraming(byte[] b, int from, int to) throws HttpException {
        int i = from;
        while (i < to && state != State.DATA && state != State.ENDED) {
            if (state == State.TRAILERS) {
                i = takeTrailers(b, i, to);
            } else {
                takeOctet(b[i++]);
            }
        }
        return i;
    }

    private void takeOctet(byte octet) throws HttpException {
        switch (state) {
            case SIZE -> takeSize(octet);
            case BLANKS -> {
                // Blanks are allowed in front of an extension only (section 7.1.1).
                countLineByte();
                if (octet == ';') {
                    state = State.EXTENSION;
                } else if (sender.lenient() && endsLine(octet)) {
                    // Some write sizes of a fixed width.
                    endSize(octet);
                } else if (!Octets.isBlank(octet)) {
                    throw bad("blanks behind a chunk size, then", octet);
                }
            }
            case EXTENSION -> {
                if (endsLine(octet)) {
                    endSize(octet);
                } else if (Octets.is(octet, Octets.VALUE)) {
                    countLineByte();
                } else {
                    throw bad("in a chunk extension", octet);
                }
            }
            case SIZE_LF -> {
                require(octet == '\n', "behind the CR of a chunk size", octet);
                state = size > 0 ? State.DATA : State.TRAILERS;
            }
            case DATA_CR -> {
                if (sender.lenient() && octet == '\n') {
                    nextSize();
                    return;
                }
                require(octet == '\r', "where a chunk's data should end with CRLF", octet);
                state = State.DATA_LF;
            }
            case DATA_LF -> {
                require(octet == '\n', "where a chunk's data should end with CRLF", octet);
                nextSize();
            }
            case DATA, TRAILERS, ENDED -> throw new IllegalStateException("no single framing octet in " + state);
        }
    }

    private void takeSize(byte octet) throws HttpException {
        int digit = Octets.hexDigit(octet);
        if (digit >= 0) {
            countLineByte();
            if (++digits > HttpReader.MAX_CHUNK_SIZE_DIGITS || size > Long.MAX_VALUE >> 4) {
                throw new HttpException(sender.badStatus(), "a chunk size above 2^63-1 or of more than "
                        + HttpReader.MAX_CHUNK_SIZE_DIGITS + " digits");
            }
            size = size << 4 | digit;
            return;
        }
        require(digits > 0, "where a chunk size should begin", octet);
        if (endsLine(octet)) {
            endSize(octet);
        } else if (octet == ';') {
            countLineByte();
            state = State.EXTENSION;
        } else {
            require(Octets.isBlank(octet), "in a chunk size", octet);
            countLineByte();
            state = State.BLANKS;
        }
    }

    private boolean endsLine(byte octet) {
        return octet == '\r' || sender.lenient() && octet == '\n';
    }

    private void endSize(byte octet) {
        state = octet == '\r' ? State.SIZE_LF : size > 0 ? State.DATA : State.TRAILERS;
    }

    private void nextSize() {
        state = State.SIZE;
        digits = 0;
        lineBytes = 0;
    }

    private void countLineByte() throws HttpException {
        if (++lineBytes > HttpReader.MAX_CHUNK_LINE_BYTES) {
            throw new HttpException(sender.badStatus(), "a chunk size with extensions of more than "
                    + HttpReader.MAX_CHUNK_LINE_BYTES + " bytes");
        }
    }

    /** Collects the trailer section in an array of its own, so that the reader's buffer stays free. */
    private int takeTrailers(byte[] b, int from, int to) throws HttpException {
        if (trailerLength == 0 && to - from >= 2 && b[from] == '\r' && b[from + 1] == '\n') {
            trailers = new Fields();
            state = State.ENDED;
            return from + 2;
        }
        int before = trailerLength;
        int n = Math.min(to - from, HttpReader.MAX_TRAILER_BYTES - before);
        if (before + n > trailerBytes.length) {
            growTrailers(Math.min(HttpReader.MAX_TRAILER_BYTES, Math.max(FIRST_TRAILER_BYTES, 2 * (before + n))));
        }
        System.arraycopy(b, from, trailerBytes, before, n);
        trailerLength += n;
        int end = HeadParser.end(trailerBytes, 0, before, trailerLength);
        if (end < 0) {
            if (trailerLength == HttpReader.MAX_TRAILER_BYTES) {
                throw new HttpException(sender.tooLargeStatus(), "trailers of more than " + HttpReader.MAX_TRAILER_BYTES + " bytes");
            }
            return from + n;
        }
        Fields parsed = new HeadParser(trailerBytes, 0, end, sender).fields();
        HopByHop.stripTrailers(parsed);
        trailers = parsed;
        state = State.ENDED;
        release();
        return from + end - before;
    }

    private void growTrailers(int size) throws HttpException {
        if (!room.take(size)) {
            throw HttpException.overloaded("no memory is left for trailers of " + trailerLength + " bytes and more");
        }
        byte[] smaller = trailerBytes;
        trailerBytes = Arrays.copyOf(smaller, size);
        room.giveBack(smaller.length);
    }

    private void require(boolean held, String where, byte octet) throws HttpException {
        if (!held) {
            throw bad(where, octet);
        }
    }

    private HttpException bad(String where, byte octet) {
        return new HttpException(sender.badStatus(), String.format("octet 0x%02x %s", octet & 0xff, where));
    }
}
