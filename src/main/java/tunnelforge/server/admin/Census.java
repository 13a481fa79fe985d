package tunnelforge.server.admin;

import java.util.Collection;
import tunnelforge.server.tunnel.Tunnel;
import tunnelforge.server.tunnel.TunnelStatus;
import tunnelforge.wire.TunnelProtocol;

/** What all tunnels together have at a moment. */
final class Census {
    private final int[] attached = new int[TunnelProtocol.values().length];
    private final int[] away = new int[TunnelProtocol.values().length];
    private int busy;
    private int idle;
    private int draining;
    private int exchanges;
    private int waiting;

    private Census() {
    }

    static Census of(Collection<Tunnel> tunnels) {
        Census census = new Census();
        tunnels.forEach(tunnel -> census.add(tunnel.status()));
        return census;
    }

    private void add(TunnelStatus tunnel) {
        (tunnel.agent() == null ? away : attached)[tunnel.protocol().ordinal()]++;
        busy += tunnel.pool().busy();
        idle += tunnel.pool().idle();
        draining += tunnel.pool().draining();
        exchanges += tunnel.pool().exchanges();
        waiting += tunnel.waiting();
    }

    int attached(TunnelProtocol protocol) {
        return attached[protocol.ordinal()];
    }

    int away(TunnelProtocol protocol) {
        return away[protocol.ordinal()];
    }

    /** Data connections that carry something. */
    int busy() {
        return busy;
    }

    int idle() {
        return idle;
    }

    int draining() {
        return draining;
    }

    int exchanges() {
        return exchanges;
    }

    /** Visitors without a place. */
    int waiting() {
        return waiting;
    }
}
