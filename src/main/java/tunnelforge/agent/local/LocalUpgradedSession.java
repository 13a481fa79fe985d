package tunnelforge.agent.local;

import java.io.IOException;
import tunnelforge.http.HttpWriter;
import tunnelforge.mux.Exchange;
import tunnelforge.mux.Outflow;
import tunnelforge.net.Tasks;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.ResetCode;

/** What follows a 101 of the local service: bytes both ways, each direction ending by itself. */
final class LocalUpgradedSession {
    private final Exchange exchange;
    private final LocalConnection local;
    private final FrameBuffer frames;
    private final Tasks tasks;

    LocalUpgradedSession(Exchange exchange, LocalConnection local, FrameBuffer frames, Tasks tasks) {
        this.exchange = exchange;
        this.local = local;
        this.frames = frames;
        this.tasks = tasks;
    }

    /** Returns when both directions have ended. */
    void run() throws IOException {
        Thread other = tasks.start("local upgraded session", this::toLocal);
        try {
            Outflow.session(exchange, local.reader(), frames);
            other.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            exchange.reset(ResetCode.BROKEN_OFF, "the local service broke off");
            local.connection().kill();
            join(other);
            throw e;
        }
    }

    private static void join(Thread other) {
        try {
            other.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void toLocal() {
        HttpWriter writer = local.writer();
        try {
            int count;
            while ((count = exchange.awaitData()) > 0) {
                local.connection().sendDeadline(LocalRequestBody.STALL_LIMIT);
                writer.raw(exchange.data(), exchange.dataOffset(), count);
                exchange.taken(count);
                if (!exchange.dataReady()) {
                    writer.flush();
                    local.connection().noSendDeadline();
                }
            }
            local.connection().sendDeadline(LocalRequestBody.STALL_LIMIT);
            writer.flush();
            local.connection().finish();
            local.connection().noSendDeadline();
        } catch (IOException e) {
            exchange.reset(ResetCode.BROKEN_OFF, "the local service broke off");
            local.connection().kill();
        }
    }
}
