package tunnelforge.server.tunnel;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import tunnelforge.http.Fields;
import tunnelforge.http.HttpException;
import tunnelforge.json.JsonException;
import tunnelforge.mux.Exchange;
import tunnelforge.mux.FrameLink;
import tunnelforge.mux.ResetException;
import tunnelforge.net.Clock;
import tunnelforge.net.Connection;
import tunnelforge.net.Ledger;
import tunnelforge.wire.DataEncoding;
import tunnelforge.wire.FrameReader;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.JsonExchange;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ResetCode;
import tunnelforge.wire.ServerMessage;
import tunnelforge.wire.WireException;

/**
 * The server's end of one data connection of a tunnel. A visitor's task takes a place on it before it opens an exchange; the place is given back when the exchange no longer
 * occupies the link.
 *
 * <p>In the JSON encoding there is one place, and after a RESET of ours it stays taken until the agent has answered, since such an agent
 * does one thing at a time.
 */
public final class DataConnection extends FrameLink {
    private static final int RETIRED = Integer.MIN_VALUE / 2;
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
    private final DataEncoding encoding;
    private final Clock clock;
    private final int places;
    /** Places taken; {@link #RETIRED} is added when no more are given. */
    private final AtomicInteger taken = new AtomicInteger();
    private final AtomicBoolean queued = new AtomicBoolean();
    /** Of the one that has the connection for itself. */
    private volatile Reservation kept;
    /** The exchange that was reset and whose end by the agent is awaited; 0 for none. */
    private final AtomicInteger settling = new AtomicInteger();
    private volatile long settleBy;
    /** The last exchange whose end by the agent came late. */
    private volatile int settled;
    private final long created;
    private volatile long idleSince;

    /** {@code places}: how many it gives at once. */
    DataConnection(Owner owner, Connection connection, FrameReader reader, DataEncoding encoding, int places, Ledger ledger, Clock clock) {
        super(connection, reader, false, encoding == DataEncoding.BINARY, ServerLimits.promised(), ledger);
        this.owner = owner;
        this.encoding = encoding;
        this.places = places;
        this.clock = clock;
        this.created = clock.nanos();
        this.idleSince = created;
    }

    DataEncoding encoding() {
        return encoding;
    }

    /** Takes a place. */
    boolean take() {
        int now;
        do {
            now = taken.get();
            if (now < 0 || now >= places) {
                return false;
            }
        } while (!taken.compareAndSet(now, now + 1));
        return true;
    }

    /** Gives a place back. */
    void giveBack() {
        releaseKept();
        int left = taken.decrementAndGet();
        idleSince = clock.nanos();
        if (left == RETIRED) {
            endWhenSent();
        }
        owner.freed(this);
    }

    /** Keeps the memory of the one that has the connection for itself until that gives its place back. */
    void keep(Reservation memory) {
        kept = memory;
    }

    private void releaseKept() {
        Reservation memory = kept;
        if (memory != null) {
            kept = null;
            memory.close();
        }
    }

    /** Never blocks. No more places are given; the agent is told, and the connection ends when those taken are free again. */
    void retire() {
        int before = taken.getAndUpdate(now -> now < 0 ? now : now + RETIRED);
        if (before < 0) {
            return;
        }
        try {
            drain();
        } catch (IOException e) {
            kill();
        }
        if (before == 0) {
            endWhenSent();
        }
    }

    /** The link has ended, or takes nothing new. */
    void givesNoMore() {
        taken.getAndUpdate(now -> now < 0 ? now : now + RETIRED);
    }

    /** The link has ended; called once, by the task that ran it. */
    void ended() {
        givesNoMore();
        releaseKept();
        owner.ended(this);
    }

    /** Places taken, while there are more to give; otherwise a number that is larger than any. */
    int load() {
        int now = taken.get();
        return now < 0 || now >= places ? Integer.MAX_VALUE : now;
    }

    boolean isRetired() {
        return taken.get() < 0;
    }

    boolean isIdle() {
        return taken.get() == 0;
    }

    int placesTaken() {
        int now = taken.get();
        return now < 0 ? now - RETIRED : now;
    }

    boolean idleLongerThan(long nanos, long now) {
        return isIdle() && now - idleSince > nanos;
    }

    /** Whether asking the agent for it was of use: it has served something, or has lasted. */
    boolean wasWorthwhile(long now) {
        return idleSince != created || now - created > WORTHWHILE_NANOS;
    }

    /** Whether it is in the idle queue, so that it is put there once only. */
    AtomicBoolean queued() {
        return queued;
    }

    /** Kills a connection whose agent has not answered in time after a RESET. */
    void judgeSettling(long now) {
        if (settling.get() != 0 && now - settleBy > 0) {
            kill();
        }
    }

    @Override
    protected void onRequest(int id, byte[] b, int off, int length) throws WireException {
        throw new WireException("REQUEST from an agent");
    }

    @Override
    protected void onDrain() {
        owner.wantsReplacement(this);
    }

    @Override
    protected void onSessionOver() {
        giveBack();
    }

    @Override
    protected void onForgotten(Exchange exchange) {
        if (encoding == DataEncoding.JSON && !exchange.peerEnded()) {
            settleBy = clock.nanos() + Limits.RESET_SETTLES_WITHIN.toNanos();
            settling.set(exchange.id());
            if (settled == exchange.id()) {
                settled(exchange.id());
            }
        } else {
            giveBack();
        }
    }

    @Override
    protected void onLate(int type, int id) {
        if (type == FrameType.END || type == FrameType.RESET) {
            settled(id);
        }
    }

    /** By the reading task, and by the task that has reset the exchange when the agent was faster. */
    private void settled(int id) {
        settled = id;
        if (settling.compareAndSet(id, 0)) {
            giveBack();
        }
    }

    @Override
    protected void onMessage(int id, String text) throws IOException {
        if (encoding != DataEncoding.JSON) {
            return;
        }
        JsonExchange.Answer answer;
        try {
            answer = JsonExchange.parseAnswer(text);
        } catch (JsonException e) {
            throw new WireException("a MESSAGE that cannot be understood: " + e.getMessage());
        }
        if (id == 0) {
            return;
        }
        Exchange exchange = exchange(id);
        if (exchange == null) {
            requireOpened(FrameType.MESSAGE, id);
        }
        switch (answer) {
            case JsonExchange.Response response when exchange == null -> {
                if (!response.bodyFollows()) {
                    settled(id);
                }
            }
            case ServerMessage.Error error when exchange == null -> settled(id);
            case JsonExchange.Response response -> deliver(exchange, response);
            case ServerMessage.Error error -> failByPeer(exchange, error.asReset(), error.message());
            case JsonExchange.Unknown unknown -> { }
        }
    }

    private void deliver(Exchange exchange, JsonExchange.Response response) throws IOException {
        try {
            deliverHead(exchange, JsonAnswers.head(response, exchange.method()), 0);
            byte[] body = response.body();
            if (body != null && body.length > 0 && !JsonAnswers.bodiless(response, exchange.method())) {
                deliverData(exchange, body, 0, body.length);
            }
            if (!response.bodyFollows()) {
                deliverEnd(exchange, new Fields());
            }
        } catch (HttpException | ResetException e) {
            refuse(exchange, ResetCode.UPSTREAM_INVALID, e.getMessage());
        }
    }
}
