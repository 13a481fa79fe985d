package tunnelforge.mux;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import tunnelforge.http.Fields;
import tunnelforge.http.Framing;
import tunnelforge.http.Heads;
import tunnelforge.http.HttpException;
import tunnelforge.http.ResponseHead;
import tunnelforge.json.JsonException;
import tunnelforge.net.Ledger;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.FrameReader;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.ResetCode;
import tunnelforge.wire.SessionOpen;
import tunnelforge.wire.WireException;

/**
 * What a link does with each frame that arrives: finds its exchange or session and gives it there, or asks the role. For the reading task alone. What it has to answer, and
 * whom it has to wake, it keeps until a batch of frames is through.
 */
final class Reception implements LinkRole.Link {
    private final LinkContext link;
    private final LinkRole role;
    private final SessionSlot slot;
    private final Liveness liveness;
    private final Acknowledgements acknowledgements;
    private final ExchangeTable table;
    private final FrameBuffer replies = new FrameBuffer(128);
    private final List<Thread> wake = new ArrayList<>();

    Reception(LinkContext link, SessionSlot slot, Liveness liveness, Acknowledgements acknowledgements, ExchangeTable table) {
        this.link = link;
        this.role = link.role();
        this.slot = slot;
        this.liveness = liveness;
        this.acknowledgements = acknowledgements;
        this.table = table;
    }

    /** Takes the reader's frame. */
    void receive(FrameReader frame) throws IOException {
        liveness.heard();
        byte[] b = frame.array();
        int type = frame.type();
        int id = frame.id();
        int off = frame.offset();
        int length = frame.length();
        switch (type) {
            case FrameType.REQUEST -> {
                receiveNew(type, id);
                role.onRequest(this, id, b, off, length);
            }
            case FrameType.OPEN -> {
                receiveNew(type, id);
                receiveOpen(id, FrameBuffer.text(b, off, length));
            }
            case FrameType.MESSAGE -> role.onMessage(this, id, b, off, length);
            case FrameType.RESPONSE, FrameType.DATA, FrameType.END, FrameType.RESET, FrameType.WINDOW -> receiveOnExchange(type, id, b, off, length);
            case FrameType.PING -> replies.pong(FrameBuffer.pingValue(b, off, length));
            case FrameType.PONG -> {
                long value = FrameBuffer.pingValue(b, off, length);
                acknowledgements.pong(value);
                liveness.pong(value);
            }
            case FrameType.DRAIN -> role.onDrain();
            case FrameType.DONE -> receiveDone(id, length);
            default -> { }
        }
    }

    /** Wakes whoever waits for what has come, and leaves to the writer what is to be answered. */
    void endBatch() throws IOException {
        wakeAll();
        if (replies.length() > 0) {
            link.writer().postUrgent(replies, FrameWriter.By.FLUSH_TASK, FrameWriter.ALWAYS);
            replies.clear();
        }
    }

    void wakeAll() {
        for (int i = 0; i < wake.size(); i++) {
            LockSupport.unpark(wake.get(i));
        }
        wake.clear();
    }

    private void receiveNew(int type, int id) throws WireException {
        table.requireNew(type, id);
        table.use(id);
        if (!slot.isFree()) {
            throw new WireException(FrameType.name(type) + ' ' + id + " while a session has the connection for itself");
        }
    }

    private void receiveOpen(int id, String json) throws IOException {
        SessionOpen open;
        try {
            open = SessionOpen.parse(json);
        } catch (JsonException e) {
            throw new WireException("an OPEN that cannot be understood: " + e.getMessage());
        }
        if (table.size() > 0) {
            throw new WireException("OPEN " + id + " on a connection that serves something else");
        }
        role.onOpen(slot.begin(id, link.ledger()), open);
    }

    private void receiveOnExchange(int type, int id, byte[] b, int off, int length) throws IOException {
        Session session = slot.session();
        if (session != null && session.id() == id) {
            receiveInSession(session, type, b, off, length);
            return;
        }
        Exchange exchange = table.get(id);
        if (exchange == null) {
            table.requireOpened(type, id);
            role.onLate(type, id);
            return;
        }
        try {
            switch (type) {
                case FrameType.RESPONSE -> role.onResponse(this, exchange, b, off, length);
                case FrameType.DATA -> deliverData(exchange, b, off, length);
                case FrameType.END -> receiveEnd(exchange, b, off, length);
                case FrameType.WINDOW -> receiveWindow(exchange, b, off, length);
                default -> failByPeer(exchange, ResetCode.of(FrameBuffer.resetCode(b, off, length)), FrameBuffer.resetReason(b, off, length));
            }
        } catch (ResetException broken) {
            exchange.reset(broken.code(), broken.getMessage());
        }
    }

    /** Here the reading task may wait: the session has the link for itself. */
    private void receiveInSession(Session session, int type, byte[] b, int off, int length) throws IOException {
        endBatch();
        switch (type) {
            case FrameType.DATA -> session.deliverData(b, off, length);
            case FrameType.END -> session.deliverEnd();
            case FrameType.RESET -> session.deliverReset(ResetCode.of(FrameBuffer.resetCode(b, off, length)),
                    FrameBuffer.resetReason(b, off, length));
            default -> throw new WireException(FrameType.name(type) + " in a session");
        }
    }

    private void receiveDone(int id, int length) throws IOException {
        if (!slot.knowsDone()) {
            return;
        }
        if (length > 0) {
            throw new WireException("DONE of " + length + " bytes; it takes none");
        }
        Session session = slot.session();
        if (session != null && session.id() == id) {
            session.deliverDone();
        } else {
            table.requireOpened(FrameType.DONE, id);
        }
    }

    private void receiveEnd(Exchange exchange, byte[] b, int off, int length) throws IOException {
        Fields trailers;
        try {
            trailers = length == 0 ? new Fields() : Heads.fields(b, off, length);
        } catch (HttpException e) {
            throw new ResetException(ResetCode.PROTOCOL, e.getMessage(), false);
        }
        deliverEnd(exchange, trailers, length);
    }

    private void receiveWindow(Exchange exchange, byte[] b, int off, int length) throws WireException {
        if (role.hasWindows()) {
            wake(exchange.deliverCredit(table, FrameBuffer.window(b, off, length)));
        }
    }

    private void wake(Thread waiting) {
        if (waiting != null) {
            wake.add(waiting);
        }
    }

    // ---- For the role. ----

    @Override
    public Exchange exchange(int id) {
        return table.get(id);
    }

    @Override
    public void requireOpened(int type, int id) throws WireException {
        table.requireOpened(type, id);
    }

    @Override
    public int exchanges() {
        return table.size();
    }

    @Override
    public Exchange accept(int id, String method, boolean upgrade, long contentLength) {
        int window = link.agreed().limits().initialWindow();
        int initial = upgrade || contentLength != 0 ? window : 0;
        if (!link.ledger().tryReserve(initial)) {
            return null;
        }
        Inbox inbox = Inbox.ofRequest(upgrade, contentLength, link.window(initial), link.ledger(), link.clock());
        Exchange exchange = Exchange.answering(method, upgrade, inbox, window);
        table.add(id, exchange, 0);
        return exchange;
    }

    @Override
    public Runnable take(int id, Exchange exchange, Resent resent) {
        return table.take(id, exchange, resent);
    }

    @Override
    public void refuse(int id, ResetCode code, String reason) {
        replies.reset(id, code, reason);
    }

    @Override
    public void deliverHead(Exchange exchange, ResponseHead head, int bytes) throws IOException {
        wake(exchange.deliverHead(table, head, bytes, Inbox.expected(Framing.ofForwarded(head, exchange.method()))));
    }

    @Override
    public void deliverData(Exchange exchange, byte[] b, int off, int length) throws IOException {
        wake(exchange.deliverData(table, b, off, length));
    }

    @Override
    public void deliverEnd(Exchange exchange, Fields trailers, int bytes) throws IOException {
        wake(exchange.deliverEnd(table, trailers, bytes));
        if (exchange.isOver()) {
            ended(FrameType.END, exchange);
        }
    }

    @Override
    public void failByPeer(Exchange exchange, ResetCode code, String reason) {
        exchange.fail(new ResetException(code, reason, code == ResetCode.NOT_RUN));
        ended(FrameType.RESET, exchange);
    }

    /** The peer has ended an exchange that is over. A task that has ended it before, and has not forgotten it yet, sees that when it does. */
    private void ended(int type, Exchange exchange) {
        if (table.get(exchange.id()) == null) {
            role.onLate(type, exchange.id());
        }
    }

    @Override
    public Ledger ledger() {
        return link.ledger();
    }
}
