package tunnelforge.server.tunnel;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import tunnelforge.net.Cancellation;
import tunnelforge.net.Ledger;
import tunnelforge.server.access.Refusal;
import tunnelforge.wire.TunnelError;

/** Memory reserved for one exchange or session. For one task, until another one closes it; once closed it stays so. */
final class Reservation implements AutoCloseable {
    private static final String NONE_LEFT = "this tunnel has no memory left for another visitor";

    private final Ledger ledger;
    private final AtomicBoolean open = new AtomicBoolean(true);
    private long bytes;

    Reservation(Ledger ledger) {
        this.ledger = ledger;
    }

    /** Reserves the first bytes; waits for others to give some back. */
    void reserve(long first, Duration limit, Cancellation gone) throws Refusal {
        boolean reserved;
        try {
            reserved = ledger.reserve(first, limit, gone);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Refusal.passing(TunnelError.OVERLOADED, "the server is stopping");
        }
        if (!reserved) {
            throw Refusal.passing(TunnelError.OVERLOADED, gone.cancelled() ? "the visitor has left" : NONE_LEFT);
        }
        bytes = first;
    }

    /** Makes it {@code wanted} bytes, without waiting. */
    void change(long wanted) throws Refusal {
        if (wanted > bytes && !ledger.tryReserve(wanted - bytes)) {
            throw Refusal.passing(TunnelError.OVERLOADED, NONE_LEFT);
        }
        if (wanted < bytes) {
            ledger.release(bytes - wanted);
        }
        bytes = wanted;
    }

    /** Somebody else gives it back. */
    void handOver() {
        open.set(false);
    }

    @Override
    public void close() {
        if (open.compareAndSet(true, false)) {
            ledger.release(bytes);
        }
    }
}
