package tunnelforge.wire;

/** Why an exchange was ended by RESET. The order is the wire's: a code is its constant's place. */
public enum ResetCode {
    /** Nobody wants the answer any more. */
    CANCELLED,
    /** The local service could not be reached. */
    UPSTREAM_REFUSED,
    /** The local service did not answer in time. */
    UPSTREAM_TIMEOUT,
    /** What the local service answered is not HTTP. */
    UPSTREAM_INVALID,
    /** A body broke off before its end; also what an unknown code means. */
    BROKEN_OFF,
    /** Refused and not run: the request may safely be sent again. */
    NOT_RUN,
    /** The request may have run; its answer is lost. */
    OUTCOME_UNKNOWN,
    /** A head or body is larger than the receiver takes. */
    TOO_LARGE,
    /** The other side broke the protocol in this exchange. */
    PROTOCOL,
    /** The receiver has no room for this exchange now. */
    OVERLOADED;

    private static final ResetCode[] ALL = values();

    /** The number on the wire: 0 to 9. */
    public int code() {
        return ordinal();
    }

    /**
     * The meaning of a received number.
     *
     * @return its constant; {@link #BROKEN_OFF} for a number that this version does not know
     */
    public static ResetCode of(int code) {
        return code >= 0 && code < ALL.length ? ALL[code] : BROKEN_OFF;
    }
}
