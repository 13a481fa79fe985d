package tunnelforge.mux;

import tunnelforge.net.Clock;
import tunnelforge.net.Connection;
import tunnelforge.net.Ledger;
import tunnelforge.wire.DataConnectionAccepted;

/**
 * What all parts of a link work with.
 *
 * @param ledger covers the windows that this side grants, and all else that is kept
 */
record LinkContext(Connection connection, FrameWriter writer, LinkRole role, DataConnectionAccepted agreed, RoundTrip roundTrip, Ledger ledger, Clock clock) {
    /** A window of {@code initial} bytes, which the ledger has covered already. */
    ReceiveWindow window(int initial) {
        return new ReceiveWindow(ledger, roundTrip, initial, clock.nanos());
    }
}
