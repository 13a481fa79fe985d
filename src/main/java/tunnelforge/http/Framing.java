package tunnelforge.http;

/** How the length of a message body is told (RFC 9112 section 6). */
public sealed interface Framing {
    /** No body. */
    Framing NONE = new None();

    /** Chunked transfer coding. */
    Framing CHUNKED = new Chunked();

    /** A body that ends with the connection. */
    Framing UNTIL_CLOSE = new UntilClose();

    /** Whether it is known from the head that not a byte of content follows. */
    default boolean isEmpty() {
        return this instanceof None || this instanceof Length(long bytes) && bytes == 0;
    }

    /** No body follows the head. */
    record None() implements Framing {
    }

    /** A body of {@code bytes} follows, zero or more. */
    record Length(long bytes) implements Framing {
        /** Throws {@link IllegalArgumentException} when it is negative. */
        public Length {
            if (bytes < 0) {
                throw new IllegalArgumentException("negative length " + bytes);
            }
        }
    }

    /** A body in chunks follows (RFC 9112 section 7.1). */
    record Chunked() implements Framing {
    }

    /** The body ends where the connection does; responses only. */
    record UntilClose() implements Framing {
    }

    /**
     * How a request tells its body's length (RFC 9112 section 6.3). Call it before {@link HopByHop#strip}.
     *
     * @throws HttpException 400 when two readers could find different ends of this body, 501 for an unknown transfer coding
     */
    static Framing ofRequest(RequestHead head) throws HttpException {
        return FramingRules.ofRequest(head);
    }

    /**
     * How a response to a request of that method tells its body's length (RFC 9112 section 6.3); None for HEAD, 1xx, 204 and 304. Call it
     * before {@link HopByHop#strip}.
     *
     * @throws HttpException 502 when two readers could find different ends of this body
     */
    static Framing ofResponse(ResponseHead head, String requestMethod) throws HttpException {
        return FramingRules.ofResponse(head, requestMethod);
    }

    /**
     * As {@link #ofResponse}, for what a service has sent itself: a length that is said more than once, and always the same, is one length (RFC 9110 section 8.6), and stands in
     * the head once from now on.
     *
     * @throws HttpException 502 when two readers could find different ends of this body
     */
    static Framing ofService(ResponseHead head, String requestMethod) throws HttpException {
        FramingRules.uniteLengths(head.fields());
        return ofResponse(head, requestMethod);
    }

    /**
     * As {@link #ofResponse}, for heads in frames, where the end of a connection does not end a body: a head that says nothing of a body has an
     * empty one.
     *
     * @throws HttpException 502 when two readers could find different ends of this body
     */
    static Framing ofForwarded(ResponseHead head, String requestMethod) throws HttpException {
        Framing told = ofResponse(head, requestMethod);
        return told instanceof UntilClose ? new Length(0) : told;
    }
}
