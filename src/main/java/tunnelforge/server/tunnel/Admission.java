package tunnelforge.server.tunnel;

import java.util.List;
import tunnelforge.net.Clock;
import tunnelforge.net.Connection;
import tunnelforge.net.Ledger;
import tunnelforge.wire.DataConnectionAccepted;
import tunnelforge.wire.DataConnectionHello;
import tunnelforge.wire.DataEncoding;
import tunnelforge.wire.Features;
import tunnelforge.wire.FrameReader;

/** One data connection's right to be in its tunnel's pool, from before the agent is told so until the connection has ended. For one task, which closes it in the end. */
public final class Admission implements AutoCloseable {
    private final DataConnection.Owner owner;
    private final Seats.Seat seat;
    private final Carriage carriage;
    private final Ledger ledger;
    private final Clock clock;
    private DataConnectionAccepted agreed = new DataConnectionAccepted(List.of(), ServerLimits.promised());
    private String connectionId;
    private DataConnection joined;

    Admission(DataConnection.Owner owner, Seats.Seat seat, Carriage carriage, Ledger ledger, Clock clock) {
        this.owner = owner;
        this.seat = seat;
        this.carriage = carriage;
        this.ledger = ledger;
        this.clock = clock;
    }

    public DataEncoding encoding() {
        return seat.encoding();
    }

    /** What the agent is to be told; both sides keep to it. */
    public DataConnectionAccepted agree(DataConnectionHello hello) {
        connectionId = hello.connectionId();
        agreed = new DataConnectionAccepted(Features.common(hello), ServerLimits.promised());
        return agreed;
    }

    /** Puts the connection at the visitors' disposal; the caller runs it. Null when the tunnel has ended. */
    public DataConnection join(Connection connection, FrameReader reader) {
        DataConnection link = new DataConnection(owner, connection, connectionId, reader, seat.encoding(), agreed, carriage, ledger, clock);
        if (!owner.joined(link)) {
            return null;
        }
        joined = link;
        return link;
    }

    /** The connection has ended, or has never joined. */
    @Override
    public void close() {
        seat.close();
        if (joined != null) {
            joined.ended();
        }
    }
}
