package tunnelforge.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Reads HTTP/1.1 messages from a stream. Buffered, for one task at a time. The caller closes the stream. */
public final class HttpReader {
    /** Longest trailer section, in octets with its blank line. */
    public static final int MAX_TRAILER_BYTES = 128 * 1024;

    /** Longest chunk-size line with its extensions, in octets without its CRLF. */
    public static final int MAX_CHUNK_LINE_BYTES = 256;

    /** Most digits of a chunk size. */
    public static final int MAX_CHUNK_SIZE_DIGITS = 16;

    private static final int TARGET_TOO_LONG = 414;
    private static final int FIELDS_TOO_LARGE = 431;

    private final ReadBuffer buffer;
    private final BodyReader body;
    private Sender sender = Sender.VISITOR;

    /** A reader whose memory is bounded by its limits alone. */
    public HttpReader(InputStream in, int bufferSize) {
        this(in, bufferSize, Room.UNLIMITED);
    }

    /**
     * Makes a reader.
     *
     * @param bufferSize octets read at once, and kept while idle
     * @param room asked for what a head or trailers need beyond that; when it refuses, reading throws an {@link HttpException} of
     *     {@link HttpException#OVERLOADED}
     */
    public HttpReader(InputStream in, int bufferSize, Room room) {
        buffer = new ReadBuffer(in, bufferSize, room);
        body = new BodyReader(buffer, room);
    }

    /** Gives back what the room gave. Called once nothing is read any more; what was buffered is dropped. */
    public void release() {
        buffer.release();
        body.release();
    }

    /**
     * Reads a request head; one empty line before it is skipped (RFC 9112 section 2.2).
     *
     * @param maxHeadBytes most octets of the head, the blank line included
     * @return the head, or null at the end of the stream before its first octet
     * @throws HttpException 400, 501, 505 as by {@link Heads#request}; 414 when the request line is over the limit, 431 when the head is
     * @throws java.io.EOFException when the stream ends inside the head
     * @throws IOException when reading fails; after a timeout the call may be repeated
     * @throws IllegalStateException when the last body has not been read to its end
     */
    public RequestHead readRequest(int maxHeadBytes) throws IOException {
        requireNoBody();
        sender = Sender.VISITOR;
        if (!skipEmptyLine() || !buffer.fill()) {
            return null;
        }
        int end = headEnd(maxHeadBytes);
        RequestHead head = Heads.request(buffer.bytes, buffer.pos, end - buffer.pos);
        headTaken(end);
        return head;
    }

    /**
     * Reads a response head of a service, which is read leniently where only one reading exists.
     *
     * @param maxHeadBytes most octets of the head, the blank line included
     * @throws HttpException 502 when it is malformed or over the limit
     * @throws java.io.EOFException when the stream ends before or inside the head
     * @throws IOException when reading fails; after a timeout the call may be repeated
     * @throws IllegalStateException when the last body has not been read to its end
     */
    public ResponseHead readResponse(int maxHeadBytes) throws IOException {
        requireNoBody();
        sender = Sender.SERVICE;
        int end = headEnd(maxHeadBytes);
        ResponseHead head = new HeadParser(buffer.bytes, buffer.pos, end - buffer.pos, sender).response();
        headTaken(end);
        return head;
    }

    /** Blocks until at least one octet is buffered; false at the end of the stream. */
    public boolean fill() throws IOException {
        return buffer.fill();
    }

    /** The next octet; only after {@link #fill()} has said that there is one. */
    public int next() {
        return buffer.bytes[buffer.pos] & 0xff;
    }

    /** Blocks until so many octets are buffered, no more than the buffer holds; false when the stream ends before. */
    public boolean fill(int count) throws IOException {
        while (buffer.buffered() < count) {
            if (!buffer.readMore(count)) {
                return false;
            }
        }
        return true;
    }

    /** What is buffered, up to a line end and no more than {@code most} octets, as characters. */
    public String line(int most) {
        int end = buffer.pos;
        for (int limit = Math.min(buffer.limit, buffer.pos + most); end < limit && buffer.bytes[end] != '\r' && buffer.bytes[end] != '\n'; end++) {
        }
        return new String(buffer.bytes, buffer.pos, end - buffer.pos, StandardCharsets.ISO_8859_1);
    }

    /** Octets read from the stream but not yet taken, framing included. */
    public int buffered() {
        return buffer.buffered();
    }

    /** Says how the body that follows the head just read is framed. Without this call there is none. */
    public void startBody(Framing framing) {
        body.start(framing, sender);
    }

    /**
     * Reads decoded octets of the body; blocks only when it has none to return.
     *
     * @return how many, at least 1 unless len is 0; -1 at the end of the body
     * @throws HttpException 400 (502 in a response) for malformed chunks or trailers
     * @throws java.io.EOFException when the stream ends before the body does
     * @throws IOException when reading fails; after a timeout the call may be repeated
     */
    public int readBody(byte[] dst, int off, int len) throws IOException {
        return body.read(dst, off, len);
    }

    /** Whether the body is known to be over, without another read. */
    public boolean bodyEnded() {
        return body.ended();
    }

    /** Whether readBody would come back without blocking, be it with octets, the end or an error. */
    public boolean bodyReadable() {
        return body.readable();
    }

    /** The trailers of the chunked body that has ended, without those that {@link HopByHop#stripTrailers} removes. The caller's own. */
    public Fields trailers() {
        return body.trailers();
    }

    /** Reads what follows an upgrade: buffered octets first, then the stream; -1 at its end. */
    public int readRaw(byte[] dst, int off, int len) throws IOException {
        return buffer.read(dst, off, len);
    }

    /** What {@link #readRaw} reads, as a stream; closing it does nothing. */
    public InputStream rawStream() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return readRaw(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] dst, int off, int len) throws IOException {
                return readRaw(dst, off, len);
            }

            @Override
            public int available() {
                return buffered();
            }
        };
    }

    private void requireNoBody() {
        if (!body.ended()) {
            throw new IllegalStateException("the body of the last message has not been read to its end");
        }
        body.start(Framing.NONE, sender);
    }

    /** RFC 9112 section 2.2: robust servers pass over one empty line before a request. False when the stream ended cleanly. */
    private boolean skipEmptyLine() throws IOException {
        if (!buffer.fill()) {
            return false;
        }
        if (buffer.bytes[buffer.pos] == '\r') {
            if (buffer.buffered() == 1 && !buffer.readMore(2)) {
                throw new EOFException("the stream ended before a request, inside an empty line");
            }
            if (buffer.bytes[buffer.pos + 1] != '\n') {
                throw new HttpException(sender.badStatus(), "a bare CR before the request line");
            }
            buffer.pos += 2;
        }
        return true;
    }

    /** Where the head that begins in the buffer ends; reads until it is there. What cannot become a request is not waited for. */
    private int headEnd(int maxHeadBytes) throws IOException {
        int scanned = 0;
        boolean lineEnded = sender != Sender.VISITOR;
        while (true) {
            int end = HeadParser.end(buffer.bytes, buffer.pos, buffer.pos + scanned, buffer.limit);
            if (end >= 0 && end - buffer.pos <= maxHeadBytes) {
                return end;
            }
            lineEnded = lineEnded || HeadParser.requestLineEnds(buffer.bytes, buffer.pos, buffer.pos + scanned, buffer.limit);
            scanned = buffer.buffered();
            if (end >= 0 || scanned >= maxHeadBytes) {
                throw headTooLarge(maxHeadBytes);
            }
            if (!buffer.readMore(maxHeadBytes)) {
                throw new EOFException(scanned == 0 ? "the stream ended before a head"
                        : "the stream ended inside a head, after " + scanned + " bytes");
            }
        }
    }

    private void headTaken(int end) {
        buffer.pos = end;
        buffer.settle();
    }

    private HttpException headTooLarge(int maxHeadBytes) {
        int limit = Math.min(buffer.limit, buffer.pos + maxHeadBytes);
        if (sender != Sender.VISITOR) {
            return new HttpException(sender.badStatus(), "a response head of more than " + maxHeadBytes + " bytes");
        }
        return OctetScan.lineFeed(buffer.bytes, buffer.pos, limit) == limit
                ? new HttpException(TARGET_TOO_LONG, "a request line of more than " + maxHeadBytes + " bytes")
                : new HttpException(FIELDS_TOO_LARGE, "a request head of more than " + maxHeadBytes + " bytes");
    }
}
