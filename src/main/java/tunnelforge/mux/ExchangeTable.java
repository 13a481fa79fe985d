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
    private final ConcurrentHashMap<Integer, Entry> entries = new ConcurrentHashMap<>();
    private volatile int highest;

    ExchangeTable(LinkContext link, Liveness liveness) {
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
        public int maxFrame() {
            return link.agreed().limits().maxFrame();
        }

        @Override
        public boolean send(FrameBuffer frames, BooleanSupplier wanted) throws IOException {
            return link.writer().send(frames, wanted);
        }

        @Override
        public void sendReset(ResetCode code, String reason) {
            FrameBuffer frame = new FrameBuffer(64);
            frame.reset(id, code, reason);
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
            entry.exchange.fail(link.role().lost(link.writer().mayHaveLeft(entry.mark)));
            entry.forget();
        }
    }
}
