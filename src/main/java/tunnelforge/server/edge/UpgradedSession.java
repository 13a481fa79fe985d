package tunnelforge.server.edge;

import java.io.IOException;
import java.time.Duration;
import tunnelforge.http.HttpWriter;
import tunnelforge.http.ResponseHead;
import tunnelforge.mux.Exchange;
import tunnelforge.mux.Outflow;
import tunnelforge.mux.ResetException;
import tunnelforge.net.Connection;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.ResetCode;

/**
 * What follows a 101: bytes both ways, not looked into. The visitor's task carries what comes from the agent, a second one what comes from the
 * visitor. Each direction ends by itself.
 */
final class UpgradedSession {
    /** How long a visitor may still send when the local service has ended its direction. */
    private static final Duration HALF_CLOSED_LIMIT = Duration.ofSeconds(60);
    private static final int PIECE = 64 * 1024;

    private final Http1Connection visitor;
    private final Exchange exchange;
    private final Connection connection;

    UpgradedSession(Http1Connection visitor, Exchange exchange) {
        this.visitor = visitor;
        this.exchange = exchange;
        this.connection = visitor.connection();
    }

    void run(ResponseHead switching) throws IOException {
        HttpWriter writer = visitor.writer();
        connection.sendDeadline(Http1Connection.STALL_LIMIT);
        writer.head(ForwardedHeads.switching(switching, visitor.edge().addresses().domain()));
        writer.flush();
        connection.noSendDeadline();
        Thread other = visitor.edge().tasks().start("visitor session", this::fromVisitor);
        try {
            toVisitor(writer);
            connection.finish();
            connection.sendDeadline(HALF_CLOSED_LIMIT);
            // No longer, also when it waits for credit that never comes: the exchange is closed next, and ends it.
            other.join(HALF_CLOSED_LIMIT.plusSeconds(1));
        } catch (ResetException e) {
            connection.abort();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void toVisitor(HttpWriter writer) throws IOException {
        while (true) {
            if (!exchange.dataReady()) {
                writer.flush();
                connection.noSendDeadline();
            }
            int count = Math.min(PIECE, exchange.awaitData());
            if (count == 0) {
                writer.flush();
                return;
            }
            connection.sendDeadline(Http1Connection.STALL_LIMIT);
            writer.raw(exchange.data(), exchange.dataOffset(), count);
            exchange.taken(count);
        }
    }

    private void fromVisitor() {
        visitor.inputLock().lock();
        try {
            Outflow.session(exchange, visitor.reader(), new FrameBuffer(1024));
        } catch (IOException e) {
            exchange.reset(ResetCode.CANCELLED, "the visitor has left");
        } finally {
            visitor.inputLock().unlock();
        }
    }
}
