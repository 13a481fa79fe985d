package tunnelforge.http;

/**
 * Heads and field blocks between octets and values (RFC 9112 sections 2 to 5). Only CRLF ends a line; a block ends with
 * its blank line. Strings hold ISO-8859-1 octets as characters.
 */
public final class Heads {
    /** Most field lines in a head or a trailer section, as visitors and services send them. */
    public static final int MAX_FIELD_LINES = 200;

    /** So many more may have been added before a head goes into a frame. */
    public static final int ADDED_FIELD_LINES = 16;

    /** Longest method, in characters. */
    public static final int MAX_METHOD_CHARS = 32;

    private Heads() {
    }

    /**
     * Parses a request head (RFC 9112 section 3), including the rule on Host (section 3.2).
     *
     * @param len its length, the blank line included
     * @throws HttpException 400 when malformed, 431 for too many field lines, 501 for too long a method, 505 for another version
     */
    public static RequestHead request(byte[] b, int off, int len) throws HttpException {
        return new HeadParser(b, off, len, Sender.VISITOR).request();
    }

    /**
     * Parses a request head from a frame, which has been parsed before.
     *
     * @param len its length, the blank line included
     * @throws HttpException 502 when malformed
     */
    public static RequestHead forwardedRequest(byte[] b, int off, int len) throws HttpException {
        return new HeadParser(b, off, len, Sender.FRAMES).request();
    }

    /**
     * Parses a response head from a frame (RFC 9112 section 4). The reason phrase may be missing.
     *
     * @param len its length, the blank line included
     * @throws HttpException 502 when malformed or of another version than 1.0 and 1.1
     */
    public static ResponseHead response(byte[] b, int off, int len) throws HttpException {
        return new HeadParser(b, off, len, Sender.FRAMES).response();
    }

    /**
     * Parses a field block, for example a trailer section (RFC 9112 section 7.1.2). What does not belong into trailers is
     * not removed here: see {@link HopByHop#stripTrailers}.
     *
     * @param len its length, the blank line included
     * @throws HttpException 400 when malformed, 431 for too many field lines
     */
    public static Fields fields(byte[] b, int off, int len) throws HttpException {
        return new HeadParser(b, off, len, Sender.VISITOR).fields();
    }

    /**
     * Holds a request to the rule on Host (RFC 9112 section 3.2); {@link #request} has done so already.
     *
     * @throws HttpException 400 unless there is exactly one Host, or none in HTTP/1.0
     */
    public static void requireOneHost(RequestHead head) throws HttpException {
        int hosts = head.fields().count("Host");
        if (hosts > 1) {
            throw new HttpException(Sender.VISITOR.badStatus(), hosts + " Host fields");
        }
        if (hosts == 0 && head.minorVersion() == 1) {
            throw new HttpException(Sender.VISITOR.badStatus(), "no Host in an HTTP/1.1 request");
        }
    }

    /** The length of a head as octets, the blank line included: what {@link #write(RequestHead, byte[], int)} will write. */
    public static int length(RequestHead head) {
        return HeadEncoder.length(head);
    }

    /** The length of a head as octets, the blank line included: what {@link #write(ResponseHead, byte[], int)} will write. */
    public static int length(ResponseHead head) {
        return HeadEncoder.length(head);
    }

    /** The length of a field block as octets, the blank line included: what {@link #write(Fields, byte[], int)} will write. */
    public static int length(Fields fields) {
        return HeadEncoder.length(fields);
    }

    /**
     * Writes a head with its blank line. Nothing can be injected: {@link RequestHead} and {@link Fields} hold no CR, LF
     * or NUL.
     *
     * @param dst has room for {@link #length(RequestHead)} octets from off on
     */
    public static int write(RequestHead head, byte[] dst, int off) {
        return HeadEncoder.write(head, dst, off) - off;
    }

    /**
     * Writes a head with its blank line. Nothing can be injected: {@link ResponseHead} and {@link Fields} hold no CR, LF
     * or NUL.
     *
     * @param dst has room for {@link #length(ResponseHead)} octets from off on
     */
    public static int write(ResponseHead head, byte[] dst, int off) {
        return HeadEncoder.write(head, dst, off) - off;
    }

    /**
     * Writes field lines with the blank line that ends them. Nothing can be injected: {@link Fields} hold no CR, LF or NUL.
     *
     * @param dst has room for {@link #length(Fields)} octets from off on
     */
    public static int write(Fields fields, byte[] dst, int off) {
        return HeadEncoder.write(fields, dst, off) - off;
    }
}
