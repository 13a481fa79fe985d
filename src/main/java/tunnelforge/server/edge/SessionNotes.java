package tunnelforge.server.edge;

import java.net.InetAddress;
import tunnelforge.mux.Session;
import tunnelforge.server.access.Figures;
import tunnelforge.server.tunnel.Tunnel;
import tunnelforge.wire.TunnelError;

/** What is noted of one session of a {@code tcp} or {@code tls} tunnel, for those who want to know what became of it, and what is counted of it. By the visitor's task. */
final class SessionNotes {
    private final Figures figures;
    /** Null for nobody. */
    private final ServedListener listener;
    private final Tunnel tunnel;
    private final InetAddress visitor;
    private final long began;
    private long waited;
    /** Null before it is open. */
    private Session session;
    private int first;
    private String error;
    private boolean complete;

    /** {@code listener}: null for nobody. */
    SessionNotes(Figures figures, ServedListener listener, Tunnel tunnel, InetAddress visitor) {
        this.figures = figures;
        this.listener = listener;
        this.tunnel = tunnel;
        this.visitor = visitor;
        began = figures.clock().nanos();
    }

    /** It has waited for a data connection; {@code bytes} left together with its opening. */
    void opened(Session opened, int bytes) {
        waited = figures.clock().nanos() - began;
        session = opened;
        first = bytes;
    }

    void refused(TunnelError why) {
        error = why.wireName();
        figures.refusals().add(why);
    }

    void completed() {
        complete = true;
    }

    void over() {
        if (listener == null) {
            return;
        }
        long duration = figures.clock().nanos() - began;
        listener.served(new Served(System.currentTimeMillis(), duration, session == null ? duration : waited, 0, tunnel.protocol(), visitor, null, tunnel.address().toString(),
                tunnel.allowance().account(), null, null, 0, error, complete, session == null ? 0 : first + session.sentBytes(), session == null ? 0 : session.deliveredBytes(), 0));
    }
}
