package tunnelforge.mux;

import tunnelforge.net.Ledger;
import tunnelforge.wire.Limits;
import tunnelforge.wire.WireException;

/**
 * How much one direction of an exchange may be sent before its reader has taken it. The window follows the reader: twice what it took
 * in one round trip, from {@link Limits#INITIAL_WINDOW} to {@link Limits#MAX_WINDOW}, as far as the tunnel's memory goes. A reader that
 * is fast over a long path gets the credit that fills the path; one that stops has cost no more than what it took shortly before.
 *
 * <p>Guarded by the exchange's lock. The initial window is reserved by whoever makes it and is given back by {@link #close}.
 */
final class ReceiveWindow {
    private Ledger ledger;
    private final RoundTrip roundTrip;
    private long reserved;
    private long target;
    private long outstanding;
    private long taken;
    private long measuredSince;

    ReceiveWindow(Ledger ledger, RoundTrip roundTrip, int initial, long now) {
        this.ledger = ledger;
        this.roundTrip = roundTrip;
        this.reserved = initial;
        this.target = initial;
        this.outstanding = initial;
        this.measuredSince = now;
    }

    /** The peer has sent {@code count} bytes. */
    void received(int count) throws WireException {
        if (count > outstanding) {
            throw new WireException("DATA of " + count + " bytes exceeds the credit of " + outstanding);
        }
        outstanding -= count;
    }

    /**
     * The reader has taken {@code count} bytes and {@code buffered} are left.
     *
     * @return the credit to announce to the peer now; 0 for none
     */
    int taken(int count, int buffered, long now) {
        taken += count;
        long trip = roundTrip.nanos();
        if (trip > 0 && now - measuredSince >= trip) {
            follow(2 * (long) ((double) taken * trip / (now - measuredSince)), buffered);
            taken = 0;
            measuredSince = now;
        }
        long credit = target - outstanding - buffered;
        if (credit < target / 4) {
            return 0;
        }
        outstanding += credit;
        return (int) credit;
    }

    private void follow(long wanted, int buffered) {
        target = Math.max(Limits.INITIAL_WINDOW, Math.min(Limits.MAX_WINDOW, wanted));
        long needed = Math.max(target, outstanding + buffered);
        if (needed < reserved) {
            ledger.release(reserved - needed);
            reserved = needed;
        } else if (needed > reserved) {
            if (ledger.tryGrow(needed - reserved)) {
                reserved = needed;
            } else {
                target = reserved;
            }
        }
    }

    /** What the ledger was asked for: never less than what the peer may send and what waits for the reader together. */
    int reserved() {
        return (int) reserved;
    }

    /** What is reserved has been moved there. */
    void chargedTo(Ledger other) {
        ledger = other;
    }

    void close() {
        ledger.release(reserved);
        reserved = 0;
        target = 0;
        outstanding = 0;
    }
}
