package tunnelforge.mux;

import java.io.IOException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import tunnelforge.mux.FrameWriter.By;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ResetCode;
import tunnelforge.wire.WireException;

/** The exchanges that occupy a link, by id: finds them for what arrives, and carries what they send. Ids rise; one above the highest was never opened. */
final class ExchangeTable {
    private final LinkContext link;
    private final Liveness liveness;
    private final Acknowledgements acknowledgements;
    private final ConcurrentHashMap<Integer, Entry> entries = new ConcurrentHashMap<>();
    private volatile int highest;

    ExchangeTable(LinkContext link, Liveness liveness, Acknowledgements acknowledgements) {
        this.acknowledgements = acknowledgements;
        this.link = link;
        this.liveness = liveness;
    }

    /** One exchange on this link. */
    private final class Entry implements Attachment {
        private final Exchange exchange;
        private final int id;
        private final long mark;

        Entry(Exchange exchange, int id, long mark) {
            this.exchange = exchange;
            this.id = id;
            this.mark = mark;
        }

        @Override
        public int id() {
            return id;
        }

        @Override
        public boolean isOn(Object other) {
            return other == ExchangeTable.this;
        }

        @Override
        public int maxFrame() {
            return link.agreed().limits().maxFrame();
        }

        @Override
        public boolean send(FrameBuffer frames, BooleanSupplier wanted) throws IOException {
            return link.writer().send(frames, wanted);
        }

        @Override
        public boolean send(FrameBuffer frames, BooleanSupplier wanted, KeptAnswer.Piece piece) throws IOException {
            return acknowledgements.send(frames, wanted, piece);
        }

        @Override
        public void isSent(KeptAnswer.Piece piece) {
            acknowledgements.add(piece);
        }

        @Override
        public void sendReset(FrameBuffer frame) {
            try {
                link.writer().post(frame, By.FLUSH_TASK);
            } catch (IOException e) {
                // The connection is gone, and the exchange with it.
            }
        }

        @Override
        public void sendWindow(int credit) {
            FrameBuffer frame = new FrameBuffer(2 * (Limits.FRAME_HEADER + Limits.PING_PAYLOAD));
            frame.window(id, credit);
            liveness.measureWith(frame);
            try {
                link.writer().postUrgent(frame, By.CALLER, FrameWriter.ALWAYS);
            } catch (IOException e) {
                link.connection().kill();
            }
        }

        @Override
        public void forget() {
            if (entries.remove(id, this)) {
                link.role().onForgotten(exchange);
            }
        }
    }

    /** {@code mark}: where in what the writer sends the exchange begins. */
    void add(int id, Exchange exchange, long mark) {
        Entry entry = new Entry(exchange, id, mark);
        exchange.attach(entry);
        highest = id;
        entries.put(id, entry);
    }

    /**
     * Carries on an exchange that another connection has carried.
     *
     * @return sends what was sent before, for a task of its own; null when that is not there any more
     */
    Runnable take(int id, Exchange exchange, Resent resent) {
        Entry entry = new Entry(exchange, id, 0);
        // Before any credit for it can come.
        entries.put(id, entry);
        highest = id;
        Runnable replay = exchange.moveTo(entry, resent.from(), resent.lost().size(), link.agreed().limits().initialWindow());
        if (replay == null) {
            entries.remove(id, entry);
        }
        return replay;
    }

    /** The id is used, by a session or by what is refused. */
    void use(int id) {
        highest = id;
    }

    /** Null when it is over, or was never opened. */
    Exchange get(int id) {
        Entry entry = entries.get(id);
        return entry == null ? null : entry.exchange;
    }

    void requireOpened(int type, int id) throws WireException {
        if (id == 0 || id > highest) {
            throw new WireException(FrameType.name(type) + " for exchange " + id + ", which was never opened");
        }
    }

    void requireNew(int type, int id) throws WireException {
        if (id <= highest) {
            throw new WireException(FrameType.name(type) + ' ' + id + " is out of order");
        }
    }

    int size() {
        return entries.size();
    }

    /** Whether any of them is a session. */
    boolean hasSession() {
        return entries.values().stream().anyMatch(entry -> entry.exchange.isSession());
    }

    /** Fails each exchange because its connection is lost. */
    void loseAll() {
        for (Entry entry : entries.values()) {
            if (!entry.exchange.detach(entry)) {
                entry.exchange.fail(link.role().lost(link.writer().mayHaveLeft(entry.mark)));
            }
            entry.forget();
        }
    }
}
