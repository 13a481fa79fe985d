package tunnelforge.mux;

import java.io.IOException;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import tunnelforge.net.Cancellation;
import tunnelforge.net.Clock;
import tunnelforge.net.Ledger;
import tunnelforge.wire.Features;
import tunnelforge.wire.FrameBuffer;

/** The session that has a link for itself, and since when there has been none. Carries the sessions of the link, one after the other. */
final class SessionSlot implements SessionCarrier {
    /** For one write, at most some hundred KiB, to be taken: a peer that sends signs of life but reads nothing is dead all the same. */
    private static final Duration WRITE_LIMIT = Duration.ofSeconds(60);
    /** Where TCP alone holds a sender back, the local service may make it wait for as long as it may take to answer. */
    private static final Duration UNWINDOWED_WRITE_LIMIT = Duration.ofMinutes(10);
    /** In a session the peer's own limits say how long it may stand still. */
    private static final Duration SESSION_WRITE_LIMIT = Duration.ofDays(1);

    private final LinkContext link;
    private volatile Session session;
    private volatile long freeSince;
    /** While a session has the link its reading task may be waiting for the session's peer, and does not see that the data connection is gone. */
    private volatile Cancellation.Registration watch;

    SessionSlot(LinkContext link) {
        this.link = link;
        becomeFree();
    }

    /** Null when there is none. */
    Session session() {
        return session;
    }

    boolean isFree() {
        return session == null;
    }

    /** When the last session ended, or the link began; of no meaning while there is a session. */
    long freeSince() {
        return freeSince;
    }

    /** {@code growth}: as {@link Session} takes it. */
    Session begin(int id, Ledger growth) {
        link.connection().writeLimit(SESSION_WRITE_LIMIT);
        Session begins = new Session(this, id, growth);
        watch = link.connection().watch(begins::lose);
        session = begins;
        return begins;
    }

    /** The link has ended. */
    void lose() {
        Session lost = session;
        if (lost != null) {
            lost.lose();
            watch.close();
        }
    }

    private void becomeFree() {
        link.connection().writeLimit(link.role().hasWindows() ? WRITE_LIMIT : UNWINDOWED_WRITE_LIMIT);
        freeSince = link.clock().nanos();
        session = null;
    }

    // ---- For the session. ----

    @Override
    public boolean send(FrameBuffer frames, BooleanSupplier wanted) throws IOException {
        return link.writer().send(frames, wanted);
    }

    @Override
    public void post(FrameBuffer frames, FrameWriter.By by) throws IOException {
        link.writer().post(frames, by);
    }

    @Override
    public void flush() throws IOException {
        link.writer().flush();
    }

    @Override
    public boolean knowsDone() {
        return link.agreed().features().contains(Features.DONE);
    }

    @Override
    public void free() {
        watch.close();
        becomeFree();
    }

    @Override
    public void placeFree() {
        link.role().onSessionOver();
    }

    @Override
    public void endWhenSent() {
        link.writer().endWhenSent();
    }

    @Override
    public Clock clock() {
        return link.clock();
    }
}
