package tunnelforge.mux;

import tunnelforge.wire.Limits;
import tunnelforge.wire.WireException;

/** How much DATA the peer has room for: the other end of its {@link ReceiveWindow}. Guarded by the exchange's lock. */
final class SendWindow {
    /** More credit than is ever used up: where there are no windows. */
    static final long UNLIMITED = Long.MAX_VALUE / 2;

    private long credit;

    SendWindow(long credit) {
        this.credit = credit;
    }

    /** In bytes. */
    long credit() {
        return credit;
    }

    void grant(long more) throws WireException {
        if (more == 0 || credit + more > Limits.MAX_CREDIT) {
            throw new WireException("WINDOW of " + more + " on a credit of " + credit);
        }
        credit += more;
    }

    /** That many bytes are sent. */
    void use(int bytes) {
        credit -= bytes;
    }

    /** Another connection carries the exchange, and its peer has room for that much. */
    void begin(long initial) {
        credit = initial;
    }
}
