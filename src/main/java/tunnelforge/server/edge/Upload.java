package tunnelforge.server.edge;

import java.io.IOException;
import tunnelforge.http.BodySource;
import tunnelforge.mux.Exchange;
import tunnelforge.mux.Outflow;
import tunnelforge.mux.ResetException;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.ResetCode;

/** The task that sends on what comes from a visitor, while another one waits for what comes from the agent. */
final class Upload implements Runnable {
    private final Exchange exchange;
    private final BodySource source;
    private volatile IOException broken;
    private volatile boolean ended;

    Upload(Exchange exchange, BodySource source) {
        this.exchange = exchange;
        this.source = source;
    }

    @Override
    public void run() {
        try {
            Outflow.send(exchange, new FrameBuffer(0), source);
        } catch (ResetException e) {
            // Whoever waits for the answer learns that as well.
        } catch (IOException e) {
            broken = e;
            exchange.reset(ResetCode.CANCELLED, "what the visitor sends broke off: " + e.getMessage());
        } finally {
            ended = true;
        }
    }

    /** Whether nothing more is read from the visitor. By any task. */
    boolean ended() {
        return ended;
    }

    /** Why it could not be read from the visitor; null when it could. */
    IOException broken() {
        return broken;
    }
}
