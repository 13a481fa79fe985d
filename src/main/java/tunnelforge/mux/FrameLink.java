package tunnelforge.mux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import tunnelforge.http.Fields;
import tunnelforge.http.Framing;
import tunnelforge.http.Heads;
import tunnelforge.http.HttpException;
import tunnelforge.http.ResponseHead;
import tunnelforge.http.Room;
import tunnelforge.json.JsonException;
import tunnelforge.net.Clock;
import tunnelforge.net.Connection;
import tunnelforge.net.Ledger;
import tunnelforge.net.Tasks;
import tunnelforge.net.Ticker;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.FrameReader;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ResetCode;
import tunnelforge.wire.SessionOpen;
import tunnelforge.wire.TunnelLimits;
import tunnelforge.wire.WireException;

/**
 * An accepted data connection: the frames of many exchanges both ways, and whether the peer is alive. {@link #run} is the reading task,
 * which owns the link and ends it; a flush task sends what the reading task has to say. Server and agent each extend it with what only they
 * receive.
 */
public abstract class FrameLink implements Ticker.Ticked {
    /** What a data connection is read with, once it has carried that much: whole DATA frames fit. */
    public static final int READ_BUFFER = Limits.MAX_DATA + Limits.FRAME_HEADER;

    private final Connection connection;
    private final FrameReader reader;
    private final FrameWriter writer;
    private final TunnelLimits limits;
    private final Ledger budget;
    private final boolean responder;
    private final boolean windows;
    private final ConcurrentHashMap<Integer, Exchange> exchanges = new ConcurrentHashMap<>();
    private final Liveness liveness;
    private final FrameBuffer replies = new FrameBuffer(128);
    private final List<Thread> wake = new ArrayList<>();
    /** Has the link for itself while it is there. */
    private volatile Session session;
    private int highestReceived;

    /**
     * A link over a connection on which both sides have agreed to speak frames.
     *
     * @param connection ends with the link
     * @param reader continues where the agreement ended
     * @param responder true for the agent, which answers exchanges; false for the server, which opens them
     * @param windows false in the JSON encoding, where TCP alone holds senders back
     * @param limits what the server has named; both sides keep to it
     * @param budget covers the windows that this side grants
     */
    protected FrameLink(Connection connection, FrameReader reader, boolean responder, boolean windows, TunnelLimits limits,
            Ledger budget) {
        this.connection = connection;
        this.reader = reader;
        this.responder = responder;
        this.windows = windows;
        this.limits = limits;
        this.budget = budget;
        // Judged by liveness, which knows who may wait how long.
        connection.writeLimit(Duration.ofDays(1));
        this.writer = new FrameWriter(connection.out(), connection::kill, () -> exchanges.size() > 1, budget, Clock.SYSTEM);
        this.liveness = new Liveness(connection, writer, windows);
        reader.room(Room.of(bytes -> takeRoom(budget, bytes), bytes -> (bytes > READ_BUFFER ? budget : budget.whole()).release(bytes)));
    }

    /** The buffer for DATA is the connection's, whatever it carries; larger ones leave the tunnel the half that windows need. */
    private static boolean takeRoom(Ledger budget, int bytes) {
        return bytes > READ_BUFFER ? budget.tryGrow(bytes) : budget.whole().tryReserve(bytes);
    }

    /**
     * REQUEST: only an agent receives it. The reading task must not be made to wait.
     *
     * @param id higher than every one before
     * @param b holds the head
     * @param off where it begins
     * @param length of the head
     * @throws IOException ends the link
     */
    protected abstract void onRequest(int id, byte[] b, int off, int length) throws IOException;

    /**
     * OPEN: only an agent receives it. The reading task must not be made to wait.
     *
     * @param opened has the link for itself until it is over
     * @param open who has come
     * @throws IOException ends the link
     */
    protected void onOpen(Session opened, SessionOpen open) throws IOException {
        throw new WireException("OPEN to a server");
    }

    /**
     * A session no longer occupies the link; called once for each, by any task, unless the link has ended.
     */
    protected void onSessionOver() {
    }

    /**
     * MESSAGE, of any kind that is allowed now.
     *
     * @param id 0 or an exchange
     * @param json the text
     * @throws IOException ends the link
     */
    protected abstract void onMessage(int id, String json) throws IOException;

    /**
     * DRAIN.
     *
     * @throws IOException ends the link
     */
    protected abstract void onDrain() throws IOException;

    /**
     * A frame of an exchange that is over for this side; it is dropped.
     *
     * @param type one of {@link FrameType}
     * @param id of the exchange
     */
    protected void onLate(int type, int id) {
    }

    /**
     * An exchange no longer occupies the link; called once for each, by any task.
     *
     * @param exchange over for this side
     */
    protected abstract void onForgotten(Exchange exchange);

    /**
     * Reads frames until the connection ends. When it returns, the connection is closed and every exchange has failed or is complete.
     *
     * @param tasks where the flush task runs
     * @param ticker judges the peer's liveness
     * @throws IOException why it ended: {@link WireException} when the peer broke the protocol; nothing is thrown for an end between exchanges
     */
    public final void run(Tasks tasks, Ticker ticker) throws IOException {
        IOException cause = null;
        tasks.start("data flush", writer::flushPosted);
        ticker.add(this);
        try {
            liveness.start();
            while (reader.next()) {
                if (session == null) {
                    liveness.resume();
                }
                receive();
                if (!reader.nextIsBuffered()) {
                    endBatch();
                }
            }
        } catch (IOException e) {
            cause = e;
        } finally {
            ticker.remove(this);
            end(cause);
            reader.release();
        }
        if (cause != null) {
            throw cause;
        }
    }

    private void endBatch() throws IOException {
        for (int i = 0; i < wake.size(); i++) {
            LockSupport.unpark(wake.get(i));
        }
        wake.clear();
        if (replies.length() > 0) {
            writer.post(replies);
            replies.clear();
        }
    }

    private void end(IOException cause) {
        wake.forEach(LockSupport::unpark);
        writer.fail(cause == null ? new IOException("closed by the peer") : cause);
        connection.kill();
        Session lost = session;
        if (lost != null) {
            lost.lost();
        }
        for (Exchange exchange : exchanges.values()) {
            boolean never = !responder && !writer.mayHaveLeft(exchange.mark());
            exchange.fail(new ResetException(responder ? ResetCode.BROKEN_OFF : ResetCode.OUTCOME_UNKNOWN,
                    "the data connection was lost", never), true);
            forget(exchange);
        }
    }

    private void receive() throws IOException {
        byte[] b = reader.array();
        int id = reader.id();
        int off = reader.offset();
        int length = reader.length();
        switch (reader.type()) {
            case FrameType.REQUEST -> {
                receiveNew(reader.type(), id);
                onRequest(id, b, off, length);
            }
            case FrameType.OPEN -> {
                receiveNew(reader.type(), id);
                receiveOpen(id, FrameBuffer.text(b, off, length));
            }
            case FrameType.MESSAGE -> onMessage(id, FrameBuffer.text(b, off, length));
            case FrameType.RESPONSE, FrameType.DATA, FrameType.END, FrameType.RESET, FrameType.WINDOW ->
                    receiveOnExchange(reader.type(), id, b, off, length);
            case FrameType.PING -> replies.pong(FrameBuffer.pingValue(b, off, length));
            case FrameType.PONG -> receivePong(FrameBuffer.pingValue(b, off, length));
            case FrameType.DRAIN -> onDrain();
            default -> { }
        }
    }

    private void receiveNew(int type, int id) throws WireException {
        if (!responder || id <= highestReceived) {
            throw new WireException(FrameType.name(type) + ' ' + id + " is out of order");
        }
        if (session != null) {
            throw new WireException(FrameType.name(type) + ' ' + id + " while a session has the connection for itself");
        }
        highestReceived = id;
    }

    private void receiveOpen(int id, String json) throws IOException {
        SessionOpen open;
        try {
            open = SessionOpen.parse(json);
        } catch (JsonException e) {
            throw new WireException("an OPEN that cannot be understood: " + e.getMessage());
        }
        if (!exchanges.isEmpty()) {
            throw new WireException("OPEN " + id + " on a connection that serves something else");
        }
        liveness.pause();
        session = new Session(this, id);
        onOpen(session, open);
    }

    /** Here the reading task may wait: the session has the link for itself. */
    private void receiveInSession(Session receiving, int type, byte[] b, int off, int length) throws IOException {
        endBatch();
        switch (type) {
            case FrameType.DATA -> receiving.deliverData(b, off, length);
            case FrameType.END -> receiving.deliverEnd();
            case FrameType.RESET -> receiving.deliverReset(ResetCode.of(FrameBuffer.resetCode(b, off, length)),
                    FrameBuffer.resetReason(b, off, length));
            default -> throw new WireException(FrameType.name(type) + " in a session");
        }
    }

    private void receiveOnExchange(int type, int id, byte[] b, int off, int length) throws IOException {
        Session open = session;
        if (open != null && open.id() == id) {
            receiveInSession(open, type, b, off, length);
            return;
        }
        Exchange exchange = exchanges.get(id);
        if (exchange == null) {
            requireOpened(type, id);
            onLate(type, id);
            return;
        }
        try {
            switch (type) {
                case FrameType.RESPONSE -> receiveHead(exchange, b, off, length);
                case FrameType.DATA -> wake(exchange.deliverData(b, off, length));
                case FrameType.END -> receiveEnd(exchange, b, off, length);
                case FrameType.WINDOW -> receiveWindow(exchange, b, off, length);
                default -> receiveReset(exchange, b, off, length);
            }
        } catch (ResetException broken) {
            refuse(exchange, broken.code(), broken.getMessage());
        }
    }

    /**
     * Resets an exchange because of what its peer has sent. By the reading task.
     *
     * @param exchange not over
     * @param code why
     * @param reason for a person
     */
    protected final void refuse(Exchange exchange, ResetCode code, String reason) {
        refuse(exchange.id(), code, reason);
        exchange.fail(new ResetException(code, reason, false), false);
        forget(exchange);
    }

    /**
     * Tells what is late from what never had an exchange.
     *
     * @param type of the frame
     * @param id that is not open
     * @throws WireException when it was never opened
     */
    protected final void requireOpened(int type, int id) throws WireException {
        if (id == 0 || id > (responder ? highestReceived : writer.lastId())) {
            throw new WireException(FrameType.name(type) + " for exchange " + id + ", which was never opened");
        }
    }

    private void receiveHead(Exchange exchange, byte[] b, int off, int length) throws IOException {
        if (responder) {
            throw new WireException("RESPONSE to an agent");
        }
        try {
            deliverHead(exchange, Heads.response(b, off, length), length);
        } catch (HttpException e) {
            throw new ResetException(ResetCode.UPSTREAM_INVALID, e.getMessage(), false);
        }
    }

    /**
     * Gives a response head to its exchange.
     *
     * @param exchange waits for one
     * @param head informational or final
     * @param bytes that it took on the wire
     * @throws IOException when no head is allowed now, or this one makes no sense
     */
    protected final void deliverHead(Exchange exchange, ResponseHead head, int bytes) throws IOException {
        long contentLength = switch (Framing.ofForwarded(head, exchange.method())) {
            case Framing.Length(long length) -> length;
            case Framing.Chunked chunked -> -1;
            case Framing.None none -> 0;
            case Framing.UntilClose untilClose -> throw new IllegalStateException("a forwarded response has no such framing");
        };
        wake(exchange.deliverHead(head, bytes, contentLength));
    }

    private void receiveEnd(Exchange exchange, byte[] b, int off, int length) throws IOException {
        Fields trailers;
        try {
            trailers = length == 0 ? new Fields() : Heads.fields(b, off, length);
        } catch (HttpException e) {
            throw new ResetException(ResetCode.PROTOCOL, e.getMessage(), false);
        }
        deliverEnd(exchange, trailers);
    }

    /**
     * Gives the end of its peer's direction to an exchange.
     *
     * @param exchange receives a body
     * @param trailers perhaps empty
     * @throws IOException when no end is allowed now
     */
    protected final void deliverEnd(Exchange exchange, Fields trailers) throws IOException {
        Thread receiver = exchange.deliverEnd(trailers);
        if (exchange.isOver() && !forget(exchange)) {
            onLate(FrameType.END, exchange.id());
        }
        wake(receiver);
    }

    /**
     * Gives bytes to an exchange.
     *
     * @param exchange receives a body
     * @param b holds them
     * @param off where they begin
     * @param length how many
     * @throws IOException when none are allowed now
     */
    protected final void deliverData(Exchange exchange, byte[] b, int off, int length) throws IOException {
        wake(exchange.deliverData(b, off, length));
    }

    private void receiveWindow(Exchange exchange, byte[] b, int off, int length) throws WireException {
        if (windows) {
            wake(exchange.deliverCredit(FrameBuffer.window(b, off, length)));
        }
    }

    private void receiveReset(Exchange exchange, byte[] b, int off, int length) throws WireException {
        ResetCode code = ResetCode.of(FrameBuffer.resetCode(b, off, length));
        failByPeer(exchange, code, FrameBuffer.resetReason(b, off, length));
    }

    /**
     * Ends an exchange as the peer has asked.
     *
     * @param exchange not over
     * @param code what became of it
     * @param reason for a person
     */
    protected final void failByPeer(Exchange exchange, ResetCode code, String reason) {
        exchange.fail(new ResetException(code, reason, code == ResetCode.NOT_RUN), true);
        if (!forget(exchange)) {
            onLate(FrameType.RESET, exchange.id());
        }
    }

    /**
     * The exchange of an id, for messages that belong to one.
     *
     * @param id any
     * @return null when it is over, or was never opened
     */
    protected final Exchange exchange(int id) {
        return exchanges.get(id);
    }

    private void wake(Thread waiting) {
        if (waiting != null) {
            wake.add(waiting);
        }
    }

    @Override
    public final void tick(long now) {
        writer.rest();
        Session open = session;
        if (open == null) {
            liveness.tick(now);
        } else if (connection.killed() || open.unsettled(now)) {
            connection.kill();
            // The reading task may be waiting for the session's peer, and would not notice.
            open.lost();
        }
    }

    /**
     * Opens a session on a link that carries nothing else; the caller {@link Session#run}s it.
     *
     * @param open who has come
     * @return the session
     * @throws IOException when the data connection was gone before: nothing has left
     */
    public final Session openSession(SessionOpen open) throws IOException {
        FrameBuffer frames = new FrameBuffer(256);
        byte[] json = open.toJson().getBytes(StandardCharsets.UTF_8);
        frames.frame(0, FrameType.OPEN, json, 0, json.length);
        Session[] opened = new Session[1];
        try {
            writer.open(frames, (id, mark) -> {
                opened[0] = new Session(this, id);
                liveness.pause();
                session = opened[0];
            });
        } catch (IOException e) {
            if (opened[0] == null) {
                throw e;
            }
            // It is lost with the connection, and learns that when the reading task ends.
        }
        return opened[0];
    }

    /** The session is over, and the link free for another. */
    final void free() {
        session = null;
    }

    /**
     * The server has sent its last frame of a session and received the agent's. What was sent may still wait for a local service that reads slowly, and so would
     * whatever came behind it: after much of it the link is free only when the agent has answered a PING, or, where it need not answer, not at all.
     */
    final void sessionOver(boolean muchSent) {
        if (!muchSent) {
            liveness.resume();
            freed();
        } else if (windows) {
            try {
                liveness.measure(System.nanoTime());
            } catch (IOException e) {
                // The link has ended.
            }
        } else {
            writer.endWhenSent();
        }
    }

    private void freed() {
        free();
        onSessionOver();
    }

    private void receivePong(long value) throws IOException {
        liveness.pong(value);
        Session ending = session;
        if (ending != null && !responder && ending.isOver()) {
            freed();
        }
    }

    /**
     * Opens an exchange. The caller has reserved {@link Limits#INITIAL_WINDOW} of the budget for it where windows apply; it belongs to the
     * exchange when this returns.
     *
     * @param frames REQUEST, and perhaps DATA and END, or one MESSAGE; ids are filled in
     * @param method of the request
     * @param upgrade whether a 101 may be the answer
     * @param dataBytes payload bytes of DATA among the frames
     * @param end whether the body is complete with them
     * @return the exchange
     * @throws IOException when the data connection was gone before: nothing of the request has left
     */
    public final Exchange open(FrameBuffer frames, String method, boolean upgrade, int dataBytes, boolean end)
            throws IOException {
        ReceiveWindow window = windows
                ? new ReceiveWindow(budget, liveness.roundTrip(), Limits.INITIAL_WINDOW, System.nanoTime()) : null;
        Exchange exchange = Exchange.opening(this, method, upgrade, window);
        exchange.sentWithRequest(dataBytes, end);
        try {
            writer.open(frames, (id, mark) -> {
                exchange.opened(id, mark);
                exchanges.put(id, exchange);
            });
        } catch (IOException e) {
            if (exchange.id() == 0) {
                throw e;
            }
            // It is one of those that are lost with the connection, and learns what may have left when the reading task ends.
        }
        return exchange;
    }

    /**
     * Accepts the exchange of a REQUEST that has just arrived.
     *
     * @param id of the REQUEST
     * @param method of the request
     * @param upgrade whether it may be answered with a 101
     * @param contentLength of its body; -1 when it is not known, 0 when there is none
     * @return the exchange, or null when the budget does not allow it
     */
    protected final Exchange accept(int id, String method, boolean upgrade, long contentLength) {
        int initial = upgrade || contentLength != 0 ? limits.initialWindow() : 0;
        if (!budget.tryReserve(initial)) {
            return null;
        }
        ReceiveWindow window = new ReceiveWindow(budget, liveness.roundTrip(), initial, System.nanoTime());
        Exchange exchange = Exchange.answering(this, id, method, upgrade, contentLength, window);
        exchanges.put(id, exchange);
        return exchange;
    }

    /**
     * Answers with a RESET from the reading task.
     *
     * @param id of an exchange that is not served
     * @param code why
     * @param reason for a person
     */
    protected final void refuse(int id, ResetCode code, String reason) {
        replies.reset(id, code, reason);
    }

    /** What both sides have agreed on. */
    final TunnelLimits limits() {
        return limits;
    }

    /** False when another task has done it already. */
    final boolean forget(Exchange exchange) {
        if (!exchanges.remove(exchange.id(), exchange)) {
            return false;
        }
        onForgotten(exchange);
        return true;
    }

    /** Sends frames of an exchange; false when they were dropped because it is not {@code wanted} any more. */
    final boolean send(FrameBuffer frames, BooleanSupplier wanted) throws IOException {
        return writer.send(frames, wanted);
    }

    /**
     * Sends frames that belong to no exchange of this side, or whose exchange has accounted for them.
     *
     * @param frames left to the caller when this returns
     * @throws IOException when the data connection is gone
     */
    protected final void send(FrameBuffer frames) throws IOException {
        writer.send(frames);
    }

    /**
     * Says DRAIN: no exchange is opened any more. Never waits.
     *
     * @throws IOException when the data connection is gone
     */
    protected final void drain() throws IOException {
        writer.drain();
    }

    final boolean isResponder() {
        return responder;
    }

    /** Sends behind what is queued; waits for nothing. */
    final void post(FrameBuffer frames) throws IOException {
        writer.postInOrder(frames);
    }

    /** Behind the exchange's other frames. */
    final void sendReset(int id, ResetCode code, String reason) {
        FrameBuffer frame = new FrameBuffer(64);
        frame.reset(id, code, reason);
        try {
            post(frame);
        } catch (IOException e) {
            // The connection is gone, and the exchange with it.
        }
    }

    /** Announces credit; on a connection that is gone nobody needs it, and the exchange learns that by failing. */
    final void sendWindow(int id, int credit) {
        FrameBuffer frame = new FrameBuffer(2 * (Limits.FRAME_HEADER + Limits.PING_PAYLOAD));
        frame.window(id, credit);
        liveness.measureWith(frame);
        try {
            writer.sendUrgent(frame);
        } catch (IOException e) {
            connection.kill();
        }
    }

    /** Closes the connection when all that is queued has been sent. */
    protected final void endWhenSent() {
        writer.endWhenSent();
    }

    /** Closes the connection at once; the reading task ends by that. */
    public final void kill() {
        connection.kill();
    }

    /**
     * How many exchanges occupy the link.
     *
     * @return at least 0
     */
    public final int exchanges() {
        return exchanges.size();
    }
}
