package tunnelforge.server.tunnel;

import java.util.concurrent.locks.ReentrantLock;
import tunnelforge.net.Ledger;
import tunnelforge.server.access.Refusal;
import tunnelforge.wire.DataEncoding;
import tunnelforge.wire.TunnelError;

/**
 * Who may be in a pool. All have one encoding: the first one's, and another one only when nobody is left, so that nothing that fits one connection is ever offered to one of the
 * other kind. Each has its memory in the ledger.
 */
final class Seats {
    private final Ledger memory;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile DataEncoding encoding = DataEncoding.BINARY;
    private int taken;

    Seats(Ledger memory) {
        this.memory = memory;
    }

    /** One connection's right to be there, from before it is accepted until it has ended. */
    final class Seat implements AutoCloseable {
        private final DataEncoding of;
        private boolean closed;

        private Seat(DataEncoding of) {
            this.of = of;
        }

        DataEncoding encoding() {
            return of;
        }

        @Override
        public void close() {
            lock.lock();
            try {
                if (closed) {
                    return;
                }
                closed = true;
                taken--;
            } finally {
                lock.unlock();
            }
            memory.release(ServerLimits.DATA_CONNECTION_BYTES);
        }
    }

    /** Of those that are here, or were here last. */
    DataEncoding encoding() {
        return encoding;
    }

    /**
     * Takes one of {@code most} seats.
     *
     * @throws Refusal when there is none for this encoding
     */
    Seat take(DataEncoding asked, int most) throws Refusal {
        if (!memory.tryReserve(ServerLimits.DATA_CONNECTION_BYTES)) {
            throw Refusal.passing(TunnelError.OVERLOADED, "this server has no memory left for another data connection");
        }
        try {
            return sit(asked, most);
        } catch (Refusal e) {
            memory.release(ServerLimits.DATA_CONNECTION_BYTES);
            throw e;
        }
    }

    private Seat sit(DataEncoding asked, int most) throws Refusal {
        lock.lock();
        try {
            if (taken > 0 && asked != encoding) {
                throw Refusal.lasting(TunnelError.PROTOCOL, "this tunnel's data connections are in the encoding '" + encoding + "'; one in '" + asked
                        + "' can join when they have ended");
            }
            if (taken >= most) {
                throw Refusal.passing(TunnelError.LIMIT, "this tunnel has " + most + " data connections, which is the limit");
            }
            encoding = asked;
            taken++;
            return new Seat(asked);
        } finally {
            lock.unlock();
        }
    }
}
