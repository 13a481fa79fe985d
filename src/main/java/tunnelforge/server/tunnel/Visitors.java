package tunnelforge.server.tunnel;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import tunnelforge.net.Ledger;
import tunnelforge.server.access.FairCount;
import tunnelforge.server.access.FairCount.Answer;
import tunnelforge.server.access.Refusal;
import tunnelforge.server.access.VisitorShare;
import tunnelforge.wire.Limits;
import tunnelforge.wire.TunnelError;

/** How many visitors a tunnel has, and whether those are served that a tunnel waits for before it ends. */
public final class Visitors {
    /** More than so much of the places or the memory is taken: half. */
    private static final int HALF = 4;

    private final boolean onlySessions;
    private final FairCount requests;
    private final FairCount sessions;
    private final Ledger memory;
    private final IntSupplier waiting;
    private final Unanswered unanswered;

    private Visitors(boolean onlySessions, FairCount requests, FairCount sessions, Ledger memory, IntSupplier waiting, Unanswered program) {
        this.onlySessions = onlySessions;
        this.requests = requests;
        this.sessions = sessions;
        this.memory = memory;
        this.waiting = waiting;
        this.unanswered = program.part();
    }

    /**
     * Those of an HTTP tunnel.
     *
     * @param sessions after a 101
     * @param memory for the requests
     * @param waiting how many wait until others have been served, for there are fewer places than requests
     * @param program counts those of all tunnels
     */
    static Visitors ofRequests(FairCount requests, FairCount sessions, Ledger memory, IntSupplier waiting, Unanswered program) {
        return new Visitors(false, requests, sessions, memory, waiting, program);
    }

    /** Those of a tunnel that carries nothing but sessions. */
    static Visitors ofSessions(FairCount sessions, Ledger memory, Unanswered program) {
        return new Visitors(true, sessions, sessions, memory, () -> 0, program);
    }

    private AtomicInteger own(VisitorShare share, boolean session) {
        return session || onlySessions ? share.sessions() : share.exchanges();
    }

    void enter(VisitorShare share) throws Refusal {
        take(requests, own(share, false), "this tunnel serves as much as it can", "visitors from your address have too many requests under way");
        unanswered.begin();
    }

    private static void take(FairCount count, AtomicInteger own, String none, String notForThisAddress) throws Refusal {
        Answer answer = count.take(own);
        if (answer == Answer.NONE_LEFT) {
            throw Refusal.passing(TunnelError.OVERLOADED, none);
        }
        if (answer == Answer.NOT_FOR_THIS_ADDRESS) {
            throw Refusal.passing(TunnelError.RATE_LIMITED, notForThisAddress);
        }
    }

    /** The request has become a session. */
    void sessionBegins(VisitorShare share) throws Refusal {
        if (!onlySessions) {
            take(sessions, own(share, true), "this tunnel has as many sessions as it can", "visitors from your address have too many sessions");
            requests.giveBack(own(share, false));
        }
        unanswered.end();
    }

    void leave(VisitorShare share, boolean session) {
        (session ? sessions : requests).giveBack(own(share, session));
        if (!session) {
            unanswered.end();
        }
    }

    /** A server that stops waits for the body of this one as well; closed at the latest when it has entered. */
    public Unanswered.Arrival arrives() {
        return unanswered.arrives();
    }

    /** How many requests would have to go so that half of the places and of the memory is free, and none has to wait; 0 or less for none. */
    public int excess() {
        if (onlySessions) {
            return 0;
        }
        int byMemory = (int) Math.max(0, (memory.used() - memory.capacity() / 2) / Limits.INITIAL_WINDOW);
        return Math.max(Math.max(requests.above(HALF), byMemory), waiting.getAsInt());
    }

    /** Waits until no request is being answered, or {@code limit} is over. */
    void awaitQuiet(Duration limit) {
        unanswered.awaitNone(limit);
    }
}
