package tunnelforge.mux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import tunnelforge.http.Room;
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

    private final LinkContext context;
    private final FrameReader reader;
    private final SessionSlot slot;
    private final Liveness liveness;
    private final ExchangeTable table;
    private final Reception reception;
    private final Acknowledgements acknowledgements;
    /** What requests are known by when they are sent again; null where they are not. */
    private final String name;
    private volatile long bytesReceived;

    /**
     * A link over a connection on which both sides have agreed to speak frames.
     *
     * @param connection ends with the link
     * @param connectionId of which both sides know it
     * @param reader continues where the agreement ended
     * @param agreed what the server has said; both sides keep to it
     * @param ledger covers the windows that this side grants, and all else that is kept
     */
    public FrameLink(Connection connection, String connectionId, FrameReader reader, LinkRole role, DataConnectionAccepted agreed, Ledger ledger, Clock clock) {
        this.name = agreed.features().contains(Features.RESEND) ? connectionId : null;
        this.reader = reader;
        FrameWriter writer = new FrameWriter(connection.out(), connection::kill, () -> exchanges() > 1, ledger);
        this.context = new LinkContext(connection, writer, role, agreed, new RoundTrip(), ledger, clock);
        this.slot = new SessionSlot(context);
        this.liveness = new Liveness(context, slot, () -> exchanges() == 0);
        this.acknowledgements = new Acknowledgements(writer, clock);
        this.table = new ExchangeTable(context, liveness, acknowledgements);
        this.reception = new Reception(context, slot, liveness, acknowledgements, table);
        role.onBegin(connection::kill);
        reader.room(Room.of(this::takeRoom, this::giveRoomBack));
    }

    /** The buffer for DATA is the connection's, whatever it carries; larger ones leave the tunnel the half that windows need. */
    private boolean takeRoom(int bytes) {
        return bytes > READ_BUFFER ? context.ledger().tryGrow(bytes) : context.ledger().whole().tryExtend(bytes);
    }

    private void giveRoomBack(int bytes) {
        (bytes > READ_BUFFER ? context.ledger() : context.ledger().whole()).release(bytes);
    }

    /**
     * Reads frames until the connection ends. When it returns, every exchange has failed or is complete, and the connection is closed, unless the role has the peer
     * told first what it has broken.
     *
     * @param tasks where the flush task runs
     * @param ticker judges the peer's liveness; by the clock of this link
     * @throws IOException why it ended: {@link WireException} when the peer broke the protocol; nothing is thrown for an end between exchanges
     */
    public void run(Tasks tasks, Ticker ticker) throws IOException {
        IOException cause = null;
        tasks.start("data flush", context.writer()::flushPosted);
        ticker.add(this);
        try {
            context.connection().asksSilentPeer();
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
        context.writer().fail(cause == null ? new IOException("closed by the peer") : cause);
        if (!(cause instanceof WireException) || !context.role().tellsWhy()) {
            context.connection().kill();
        }
        reader.release();
        slot.lose();
        table.loseAll();
        context.role().onEnd();
    }

    @Override
    public void tick(long now) {
        context.writer().rest();
        Session session = slot.session();
        if (session != null ? session.giveUp(now) : context.role().isOverdue(now)) {
            // A peer that reads nothing does not see an end that waits behind what it has not read.
            context.connection().abort();
        } else {
            liveness.tick(now);
            acknowledgements.tick(context.connection()::kill);
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
        context.writer().open(frames, (id, mark) -> {
            table.use(id);
            opened[0] = slot.begin(id, null);
        });
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
        return open(frames, method, upgrade, dataBytes, end, 0);
    }

    /** As the other, for a request that is sent again; {@code from}: the byte of the response's body from which on it is wanted. */
    public Exchange open(FrameBuffer frames, String method, boolean upgrade, int dataBytes, boolean end, long from) throws IOException {
        boolean windows = context.role().hasWindows();
        Inbox inbox = Inbox.ofResponse(windows ? context.window(Limits.INITIAL_WINDOW) : null, from, context.ledger(), context.clock());
        long credit = windows ? context.agreed().limits().initialWindow() - dataBytes : SendWindow.UNLIMITED;
        Exchange exchange = Exchange.asking(method, upgrade, inbox, credit, end);
        context.writer().open(frames, (id, mark) -> {
            exchange.resendKey(name == null ? null : name + '/' + id);
            table.add(id, exchange, mark);
        });
        return exchange;
    }

    /** Whether both sides know requests that are sent again. */
    public boolean takesAgain() {
        return name != null;
    }

    /** Whether the agent knows what its last process has not run. */
    public boolean knowsLastProcess() {
        return context.agreed().features().contains(Features.JOURNAL);
    }

    /** Says something of the connection itself. Never waits. */
    public void tell(String json) throws IOException {
        FrameBuffer frame = new FrameBuffer(128);
        frame.message(0, json);
        context.writer().post(frame, FrameWriter.By.FLUSH_TASK);
    }

    /** Says DRAIN: no exchange is opened any more. Never waits. */
    public void drain() throws IOException {
        context.writer().drain();
    }

    /** Closes the connection when all that is queued has been sent. */
    public void endWhenSent() {
        context.writer().endWhenSent();
    }

    /** Closes the connection at once; the reading task ends by that. */
    public void kill() {
        context.connection().kill();
    }

    /** The peer may have vanished: it is asked for a sign of life, and the connection is killed unless a frame comes within {@code limit}. */
    public void suspect(Duration limit) {
        liveness.suspect(limit);
    }

    /**
     * The peer's control connection has died of silence. A session whose reading task waits for its own peer, and sees nothing of the data connection, takes that for the end of the path;
     * everything else on a data connection is judged by what comes on it.
     */
    public void peerIsSilent(long now) {
        if (!slot.isFree() && context.connection().unreadFor(now) > Limits.GIVEN_UP_AFTER.toNanos()) {
            context.connection().abort();
        }
    }

    /** Whether no frame has come since {@link #suspect}. */
    public boolean isSuspect() {
        return liveness.isSuspect();
    }

    /** How many exchanges occupy the link. */
    public int exchanges() {
        return table.size();
    }

    /** Whether any exchange of the link has become a session by a 101. */
    public boolean carriesUpgraded() {
        return table.hasSession();
    }

    /** How many nanoseconds nothing has come from the peer. */
    public long silence(long now) {
        return context.connection().silence(now);
    }

    /** What has gone over the link both ways, frame headers included. */
    public long bytesCarried() {
        return bytesReceived + context.writer().bytes();
    }
}
