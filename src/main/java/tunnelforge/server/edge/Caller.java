package tunnelforge.server.edge;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import tunnelforge.net.Cancellation;
import tunnelforge.net.Connection;
import tunnelforge.server.access.Refusal;
import tunnelforge.server.access.VisitorShare;
import tunnelforge.server.tunnel.Tunnel;
import tunnelforge.server.tunnel.Visitors;

/**
 * One connection to the server, as far as it may keep others from being served: of an agent until it has shown that it is one, of a visitor until it
 * ends. Its task says what it is doing; a {@link Judge} judges.
 */
public final class Caller {
    /** What a caller's request occupies. By any task. */
    interface Occupied {
        /** Whose places these are. */
        Visitors among();

        /** Whether there is still some of the body to come. */
        boolean bodyComes();

        /** Whether its answer has begun, and is not a session's. */
        boolean answerGoes();

        /** The body is too slow: answers so, and returns true, when that is possible. Never blocks. */
        boolean giveUpBody();
    }

    /** A place among those that wait. */
    private record Waiting(Visitors among) implements Occupied {
        @Override
        public boolean bodyComes() {
            return false;
        }

        @Override
        public boolean answerGoes() {
            return false;
        }

        @Override
        public boolean giveUpBody() {
            return false;
        }
    }

    /** Who knows all callers. */
    interface Judge {
        /** By the ticker's clock, a quarter of a second old at most. */
        long now();

        /** Whether the server stops, and nothing more is to be asked of it. */
        boolean ends();

        /** It becomes a session; throws {@link Refusal} when there is no room for another. */
        void admitSession(Caller caller) throws Refusal;

        /** It has left. */
        void forget(Caller caller);
    }

    private static final long NOT_SILENT = 0;

    /**
     * What a server that stops does about it.
     *
     * <pre>
     *   ASKING ◀──rests / begins──▶ RESTING ──endRest──▶ ENDED      ASKING ──isKnown──▶ SESSION
     * </pre>
     */
    private enum State {
        /** It is being served, or about to be. */
        ASKING,
        /** Between two requests. */
        RESTING,
        /** It is told that nothing more is served. */
        ENDED,
        /** Nobody knows for how long: it is not waited for. */
        SESSION
    }

    private final Judge judge;
    private final Connection connection;
    private final VisitorShare share;
    private final AtomicBoolean left = new AtomicBoolean();
    private final AtomicBoolean ended = new AtomicBoolean();
    private final AtomicReference<State> state = new AtomicReference<>(State.ASKING);
    private volatile long silentSince;
    private volatile Occupied occupied;
    /** By its own task. */
    private boolean session;
    /** By the ticker. */
    private final Pace body = new Pace();
    private final Pace answer = new Pace();
    private long halfClosed;
    private Occupied measured;

    Caller(Judge judge, Connection connection, VisitorShare share) {
        this.judge = judge;
        this.connection = connection;
        this.share = share;
        isSilent();
    }

    VisitorShare share() {
        return share;
    }

    Connection connection() {
        return connection;
    }

    // ---- Said by its task. ----

    /** Nobody knows what it wants: from now on it may have to make room for others. */
    void isSilent() {
        long now = judge.now();
        silentSince = now == NOT_SILENT ? 1 : now;
    }

    /** It is being served, and nobody knows for how long. */
    void isKnown() {
        silentSince = NOT_SILENT;
        state.set(State.SESSION);
    }

    /** It has been answered, or has not asked yet; false when nothing more is served, and its task is to end it. */
    boolean rests() {
        isSilent();
        state.set(State.RESTING);
        return !judge.ends() || !endRest() && state.get() != State.ENDED;
    }

    /** It asks for something; false when it has been told that nothing more is served. */
    boolean begins() {
        return state.compareAndSet(State.RESTING, State.ASKING);
    }

    /** It is being served, and has a place of a tunnel until {@link #occupiesNothing}. */
    void occupies(Occupied what) {
        occupied = what;
    }

    void occupiesNothing() {
        occupied = null;
    }

    /** As {@link Tunnel#whenJudged}: it has said what it wants, so that is not its silence. */
    Tunnel whenJudged(Tunnel found, Cancellation gone) throws Refusal {
        occupied = new Waiting(found.visitors());
        try {
            return found.whenJudged(share, gone);
        } finally {
            isSilent();
            occupied = null;
        }
    }

    /** It is being served, and a session, of whatever kind of tunnel, until it ends: it never makes room for others, so there are only so many. */
    void becomesSession() throws Refusal {
        judge.admitSession(this);
        session = true;
        isKnown();
    }

    boolean isSession() {
        return session;
    }

    /** An agent's, which is counted elsewhere from now on. */
    void isAgent() {
        leave();
    }

    /** It is over, or not judged here any longer. */
    void leave() {
        if (left.compareAndSet(false, true)) {
            judge.forget(this);
        }
    }

    // ---- Asked by its judge. ----

    /** Nothing more is served to it; false when it asks for something, and when it has been told already. */
    boolean endRest() {
        return state.compareAndSet(State.RESTING, State.ENDED);
    }

    /** Whether a server that stops waits for it. */
    boolean isAwaited() {
        return state.get() != State.SESSION;
    }

    /** For how long nobody has known what it wants; negative when that is known. */
    long silence(long now) {
        long since = silentSince;
        return since == NOT_SILENT || occupied != null || ended.get() ? -1 : Math.max(0, now - since);
    }

    /** It is being ended, and will leave. */
    boolean isEnding() {
        return ended.get();
    }

    /** Closes it, unless it is known what it wants; false when another task was faster. */
    boolean endSilence() {
        if (silentSince == NOT_SILENT || occupied != null || !ended.compareAndSet(false, true)) {
            return false;
        }
        connection.kill();
        return true;
    }

    /** By the ticker; {@code rate} is asked of it, in bytes a second. */
    void measure(int rate, long now) {
        Occupied what = occupied;
        if (what != measured) {
            measured = what;
            body.rest();
            answer.rest();
        }
        halfClosed = connection.halfClosedFor(now);
        if (what == null) {
            return;
        }
        if (what.bodyComes()) {
            body.look(connection.awaitsPeer(), connection.received(), rate, now);
        } else {
            body.rest();
        }
        if (what.answerGoes()) {
            answer.look(connection.isWriting(), connection.taken(), rate, now);
        } else {
            answer.rest();
        }
    }

    /** Whom it keeps out by being slow, or by having left, as it seems; null when it does not. */
    Visitors keepsOut() {
        return measured != null && (body.isSlow() || answer.isSlow() || hasLeftPerhaps()) ? measured.among() : null;
    }

    private boolean hasLeftPerhaps() {
        return halfClosed >= VisitorLimits.HALF_CLOSED_IN_THE_WAY.toNanos();
    }

    long behindNanos() {
        return Math.max(halfClosed, Math.max(body.behindNanos(), answer.behindNanos()));
    }

    /** Ends what was found to be slow. */
    void endSlowness() {
        Occupied what = measured;
        if (what == null || what != occupied || !ended.compareAndSet(false, true)) {
            return;
        }
        if (hasLeftPerhaps() || answer.isSlow() || !what.giveUpBody()) {
            // An end of stream may look like the end of the answer.
            connection.abort();
        }
    }
}
