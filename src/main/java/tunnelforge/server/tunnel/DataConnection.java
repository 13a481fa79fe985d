package tunnelforge.server.tunnel;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import tunnelforge.mux.Exchange;
import tunnelforge.mux.FrameLink;
import tunnelforge.mux.ServerRole;
import tunnelforge.mux.Session;
import tunnelforge.mux.json.JsonRole;
import tunnelforge.net.Clock;
import tunnelforge.net.Connection;
import tunnelforge.net.Ledger;
import tunnelforge.net.Tasks;
import tunnelforge.net.Ticker;
import tunnelforge.wire.DataConnectionAccepted;
import tunnelforge.wire.DataEncoding;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.FrameReader;
import tunnelforge.wire.Limits;
import tunnelforge.wire.SessionOpen;
import tunnelforge.wire.VisitorLeft;

/**
 * The server's end of one data connection of a tunnel. A visitor's task takes a place on it before it opens an exchange; the place is given back when the exchange no longer
 * occupies the link.
 */
public final class DataConnection implements ServerRole.Owner {
    /** Of a {@link #load}: larger than any. */
    static final int FULL = Integer.MAX_VALUE;

    private static final int RETIRED = 1 << 30;
    private static final long LIFE_NANOS = Limits.CYCLE_AFTER.toNanos();
    /** The JDK renews TLS keys after so much that a connection in full flow both ways may stand still for it; a new one has new keys. */
    private static final long LIFE_BYTES = 64L << 30;
    private static final long WORTHWHILE_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** Whoever gives its places to visitors. Called by any task; must not block. */
    interface Owner {
        /** It is ready for visitors; false when it is not wanted any more. */
        boolean joined(DataConnection connection);

        /** A place was given back, and perhaps it was the last one taken. */
        void freed(DataConnection connection);

        /** The agent wishes to stop using it. */
        void wantsReplacement(DataConnection connection);

        /** It has ended. */
        void ended(DataConnection connection);
    }

    private final Owner owner;
    private final FrameLink link;
    private final DataEncoding encoding;
    private final Clock clock;
    private final Carriage carriage;
    /** Places taken; the bit {@link #RETIRED}, set when no more are given, makes it more than there are. */
    private final AtomicInteger taken = new AtomicInteger();
    private final AtomicBoolean queued = new AtomicBoolean();
    /** Of the one that has the connection for itself, or was the last to have it: closed by then. */
    private volatile Reservation kept;
    private final long created;
    /** Not the same for all, so that those that came together do not go together. */
    private final long life = ThreadLocalRandom.current().nextLong(LIFE_NANOS / 10 * 9, LIFE_NANOS / 10 * 11 + 1);
    private volatile long idleSince;

    DataConnection(Owner owner, Connection connection, String connectionId, FrameReader reader, DataEncoding encoding, DataConnectionAccepted agreed, Carriage carriage, Ledger ledger, Clock clock) {
        ServerRole role = switch (encoding) {
            case BINARY -> new ServerRole(this);
            case JSON -> new JsonRole(this, clock);
        };
        this.link = new FrameLink(connection, connectionId, reader, role, agreed, ledger, clock);
        this.owner = owner;
        this.encoding = encoding;
        this.carriage = carriage;
        this.clock = clock;
        this.created = clock.nanos();
        this.idleSince = created;
    }

    DataEncoding encoding() {
        return encoding;
    }

    Carriage carriage() {
        return carriage;
    }

    /** As {@link FrameLink#takesAgain}. */
    boolean takesAgain() {
        return link.takesAgain();
    }

    /** As {@link FrameLink#knowsLastProcess}. */
    boolean knowsLastProcess() {
        return link.knowsLastProcess();
    }

    /** Takes a place; there is none while nobody knows whether the agent is still there. */
    boolean take() {
        int now;
        while ((now = load()) != FULL) {
            if (taken.compareAndSet(now, now + 1)) {
                return true;
            }
        }
        return false;
    }

    /** Gives a place back. */
    void giveBack() {
        releaseKept();
        int left = taken.decrementAndGet();
        idleSince = clock.nanos();
        if (left == RETIRED) {
            link.endWhenSent();
        }
        owner.freed(this);
    }

    /** Keeps the memory of the one that has the connection for itself until that gives its place back. */
    void keep(Reservation memory) {
        kept = memory;
    }

    /** It is closed once, however often this is called. */
    private void releaseKept() {
        Reservation memory = kept;
        if (memory != null) {
            memory.close();
        }
    }

    /** Never blocks. No more places are given; the agent is told, and the connection ends when those taken are free again. */
    void retire() {
        int before = givesNoMore();
        if (before >= RETIRED) {
            return;
        }
        try {
            link.drain();
        } catch (IOException e) {
            kill();
        }
        if (before == 0) {
            link.endWhenSent();
        }
    }

    /** The link has ended, or takes nothing new. Returns what was taken before. */
    int givesNoMore() {
        return taken.getAndUpdate(now -> now | RETIRED);
    }

    /** The link has ended; called once, by the task that ran it. */
    void ended() {
        givesNoMore();
        releaseKept();
        owner.ended(this);
    }

    /** Places taken, while there are more to give; otherwise {@link #FULL}. */
    int load() {
        int now = taken.get();
        return now >= carriage.places() || link.isSuspect() ? FULL : now;
    }

    boolean isRetired() {
        return taken.get() >= RETIRED;
    }

    boolean isIdle() {
        return taken.get() == 0;
    }

    int placesTaken() {
        return taken.get() & ~RETIRED;
    }

    boolean idleLongerThan(long nanos, long now) {
        return isIdle() && now - idleSince > nanos;
    }

    /** Whether asking the agent for it was of use: it has served something, or has lasted. */
    boolean wasWorthwhile(long now) {
        return idleSince != created || now - created > WORTHWHILE_NANOS;
    }

    /** As {@link FrameLink#peerIsSilent}. */
    void agentIsSilent(long now) {
        link.peerIsSilent(now);
    }

    /** Whether it is in the idle queue, so that it is put there once only. */
    AtomicBoolean queued() {
        return queued;
    }

    /** Opens an exchange on a place that was taken, as {@link FrameLink#open}. */
    Exchange open(FrameBuffer frames, String method, boolean upgrade, int dataBytes, boolean end, long from) throws IOException {
        return link.open(frames, method, upgrade, dataBytes, end, from);
    }

    /** Opens a session on a place that was taken, as {@link FrameLink#openSession}. */
    Session openSession(SessionOpen open, byte[] first) throws IOException {
        return link.openSession(open, first);
    }

    /** Tells the agent; false when the connection has ended, or is not one for that. Never waits. */
    boolean tell(VisitorLeft message) {
        if (encoding != DataEncoding.BINARY) {
            return false;
        }
        try {
            link.tell(message.toJson());
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Reads what the agent sends, until the connection ends. */
    public void run(Tasks tasks, Ticker ticker) throws IOException {
        link.run(tasks, ticker);
    }

    void kill() {
        link.kill();
    }

    /** The agent may have vanished: no place is given until it says something; when it does not within {@code limit}, the connection is killed. */
    void suspect(Duration limit) {
        link.suspect(limit);
    }

    /** How many nanoseconds nothing has come; in the JSON encoding that means nothing, and is 0. */
    long silence(long now) {
        return encoding == DataEncoding.JSON ? 0 : link.silence(now);
    }

    boolean isSuspect() {
        return link.isSuspect();
    }

    /** Whether another is to take its place: it has lasted, or carried, for long enough. Not while it carries a session, which would hold it up for nobody knows how long. */
    boolean isDue(long now) {
        return (now - created >= life || link.bytesCarried() > LIFE_BYTES) && (carriage.shares() ? !link.carriesUpgraded() : isIdle());
    }

    @Override
    public void placeFree() {
        giveBack();
    }

    @Override
    public void drainAsked() {
        owner.wantsReplacement(this);
    }
}
