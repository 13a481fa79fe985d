package tunnelforge.mux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import tunnelforge.http.Room;
import tunnelforge.net.Cancellation;
import tunnelforge.net.Clock;
import tunnelforge.net.Connection;
import tunnelforge.net.Ledger;
import tunnelforge.net.Tasks;
import tunnelforge.net.Ticker;
import tunnelforge.wire.DataConnectionAccepted;
import tunnelforge.wire.Features;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.FrameReader;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.Limits;
import tunnelforge.wire.SessionOpen;
import tunnelforge.wire.WireException;

/**
 * An accepted data connection: the frames of many exchanges both ways, or of one session, and whether the peer is alive. {@link #run} is the reading task, which owns the
 * link and ends it; a flush task sends what the reading task has to say. What server and agent do differently is the link's {@link LinkRole}.
 */
public final class FrameLink implements Ticker.Ticked {
    /** What a data connection is read with, once it has carried that much: whole DATA frames fit. */
    public static final int READ_BUFFER = Limits.MAX_DATA + Limits.FRAME_HEADER;

    /** For one write, at most some hundred KiB, to be taken: a peer that sends signs of life but reads nothing is dead all the same. */
    private static final Duration WRITE_LIMIT = Duration.ofSeconds(60);
    /** Where TCP alone holds a sender back, the local service may make it wait for as long as it may take to answer. */
    private static final Duration UNWINDOWED_WRITE_LIMIT = Duration.ofMinutes(10);
    /** In a session the peer's own limits say how long it may stand still. */
    private static final Duration SESSION_WRITE_LIMIT = Duration.ofDays(1);

    private final Connection connection;
    private final FrameReader reader;
    private final LinkRole role;
    private final DataConnectionAccepted agreed;
    private final Ledger ledger;
    private final Clock clock;
    private final FrameWriter writer;
    private final SessionSlot slot;
    private final Liveness liveness;
    private final ExchangeTable table;
    private final Reception reception;
    private final Carrier carrier = new Carrier();
    private final Duration writeLimit;
    /** While a session has the link its reading task may be waiting for the session's peer, and does not see that the data connection is gone. */
    private volatile Cancellation.Registration watch;
    private volatile long bytesReceived;

    /**
     * A link over a connection on which both sides have agreed to speak frames.
     *
     * @param connection ends with the link
     * @param reader continues where the agreement ended
     * @param agreed what the server has said; both sides keep to it
     * @param ledger covers the windows that this side grants, and all else that is kept
     */
    public FrameLink(Connection connection, FrameReader reader, LinkRole role, DataConnectionAccepted agreed, Ledger ledger, Clock clock) {
        this.connection = connection;
        this.reader = reader;
        this.role = role;
        this.agreed = agreed;
        this.ledger = ledger;
        this.clock = clock;
        this.writeLimit = role.hasWindows() ? WRITE_LIMIT : UNWINDOWED_WRITE_LIMIT;
        this.writer = new FrameWriter(connection.out(), connection::kill, () -> exchanges() > 1, ledger);
        this.slot = new SessionSlot(clock.nanos());
        this.liveness = new Liveness(connection, writer, slot, role.hasWindows(), () -> exchanges() == 0, clock);
        this.table = new ExchangeTable(connection, writer, liveness, agreed.limits().maxFrame(), role::onForgotten);
        this.reception = new Reception(role, table, slot, liveness, writer, ledger, clock, agreed.limits().initialWindow(), carrier.knowsDone(), id -> begin(id, ledger));
        connection.writeLimit(writeLimit);
        reader.room(Room.of(this::takeRoom, this::giveRoomBack));
    }

    /** The buffer for DATA is the connection's, whatever it carries; larger ones leave the tunnel the half that windows need. */
    private boolean takeRoom(int bytes) {
        return bytes > READ_BUFFER ? ledger.tryGrow(bytes) : ledger.whole().tryExtend(bytes);
    }

    private void giveRoomBack(int bytes) {
        (bytes > READ_BUFFER ? ledger : ledger.whole()).release(bytes);
    }

    /** Carries the sessions of this link, one after the other. */
    private final class Carrier implements SessionCarrier {
        @Override
        public boolean send(FrameBuffer frames, BooleanSupplier wanted) throws IOException {
            return writer.send(frames, wanted);
        }

        @Override
        public void post(FrameBuffer frames, FrameWriter.By by) throws IOException {
            writer.post(frames, by);
        }

        @Override
        public void flush() throws IOException {
            writer.flush();
        }

        @Override
        public boolean knowsDone() {
            return agreed.features().contains(Features.DONE);
        }

        @Override
        public void free() {
            watch.close();
            connection.writeLimit(writeLimit);
            slot.free(clock.nanos());
        }

        @Override
        public void placeFree() {
            role.onSessionOver();
        }

        @Override
        public void endWhenSent() {
            writer.endWhenSent();
        }

        @Override
        public Clock clock() {
            return clock;
        }
    }

    private Session begin(int id, Ledger growth) {
        connection.writeLimit(SESSION_WRITE_LIMIT);
        Session begins = new Session(carrier, id, growth);
        watch = connection.watch(begins::lose);
        return begins;
    }

    /**
     * Reads frames until the connection ends. When it returns, the connection is closed and every exchange has failed or is complete.
     *
     * @param tasks where the flush task runs
     * @param ticker judges the peer's liveness; by the clock of this link
     * @throws IOException why it ended: {@link WireException} when the peer broke the protocol; nothing is thrown for an end between exchanges
     */
    public void run(Tasks tasks, Ticker ticker) throws IOException {
        IOException cause = null;
        tasks.start("data flush", writer::flushPosted);
        ticker.add(this);
        try {
            liveness.start();
            while (reader.next()) {
                bytesReceived = bytesReceived + Limits.FRAME_HEADER + reader.length();
                reception.receive(reader);
                if (!reader.nextIsBuffered()) {
                    reception.endBatch();
                }
            }
        } catch (IOException e) {
            cause = e;
        } finally {
            ticker.remove(this);
            end(cause);
        }
        if (cause != null) {
            throw cause;
        }
    }

    private void end(IOException cause) {
        reception.wakeAll();
        writer.fail(cause == null ? new IOException("closed by the peer") : cause);
        connection.kill();
        reader.release();
        Session lost = slot.session();
        if (lost != null) {
            lost.lose();
            watch.close();
        }
        table.loseAll(role);
    }

    @Override
    public void tick(long now) {
        writer.rest();
        Session session = slot.session();
        if (session != null ? session.giveUp(now) : role.isOverdue(now)) {
            // A peer that reads nothing does not see an end that waits behind what it has not read.
            connection.abort();
        } else {
            liveness.tick(now);
        }
    }

    /**
     * Opens a session on a link that carries nothing else; the caller {@link Session#run}s it, and has reserved the memory for a piece in each direction.
     *
     * @param first what has been read from the peer already; perhaps empty
     * @throws IOException when the data connection was gone before: nothing has left
     */
    public Session openSession(SessionOpen open, byte[] first) throws IOException {
        byte[] json = open.toJson().getBytes(StandardCharsets.UTF_8);
        FrameBuffer frames = new FrameBuffer(json.length + first.length + 2 * Limits.FRAME_HEADER);
        frames.frame(0, FrameType.OPEN, json, 0, json.length);
        frames.data(0, first, 0, first.length);
        Session[] opened = new Session[1];
        try {
            writer.open(frames, (id, mark) -> {
                opened[0] = begin(id, null);
                table.use(id);
                slot.occupy(opened[0]);
            });
        } catch (IOException e) {
            if (opened[0] == null) {
                throw e;
            }
            // It is lost with the connection, and learns that when the reading task ends.
        }
        return opened[0];
    }

    /**
     * Opens an exchange. The caller has reserved {@link Limits#INITIAL_WINDOW} of the ledger for it where windows apply; it belongs to the
     * exchange when this returns.
     *
     * @param frames REQUEST, and perhaps DATA and END, or one MESSAGE; ids are filled in
     * @param upgrade whether a 101 may be the answer
     * @param dataBytes payload bytes of DATA among the frames
     * @param end whether the body is complete with them
     * @throws IOException when the data connection was gone before: nothing of the request has left
     */
    public Exchange open(FrameBuffer frames, String method, boolean upgrade, int dataBytes, boolean end) throws IOException {
        ReceiveWindow window = role.hasWindows() ? new ReceiveWindow(ledger, liveness.roundTrip(), Limits.INITIAL_WINDOW, clock.nanos()) : null;
        long credit = role.hasWindows() ? agreed.limits().initialWindow() - dataBytes : Exchange.WITHOUT_WINDOWS;
        Exchange exchange = Exchange.asking(method, upgrade, Inbox.ofResponse(window, ledger, clock), credit, end);
        boolean[] opened = new boolean[1];
        try {
            writer.open(frames, (id, mark) -> {
                table.add(id, exchange, mark);
                opened[0] = true;
            });
        } catch (IOException e) {
            if (!opened[0]) {
                throw e;
            }
            // It is one of those that are lost with the connection, and learns what may have left when the reading task ends.
        }
        return exchange;
    }

    /** Says DRAIN: no exchange is opened any more. Never waits. */
    public void drain() throws IOException {
        writer.drain();
    }

    /** Closes the connection when all that is queued has been sent. */
    public void endWhenSent() {
        writer.endWhenSent();
    }

    /** Closes the connection at once; the reading task ends by that. */
    public void kill() {
        connection.kill();
    }

    /** The peer may have vanished: it is asked for a sign of life, and the connection is killed unless a frame comes within {@code limit}. */
    public void suspect(Duration limit) {
        liveness.suspect(limit);
    }

    /** Whether no frame has come since {@link #suspect}. */
    public boolean isSuspect() {
        return liveness.isSuspect();
    }

    /** How many exchanges occupy the link. */
    public int exchanges() {
        return table.size();
    }

    /** What has gone over the link both ways, frame headers included. */
    public long bytesCarried() {
        return bytesReceived + writer.bytes();
    }
}
