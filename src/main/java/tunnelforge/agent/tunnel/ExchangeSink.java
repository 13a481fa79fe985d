package tunnelforge.agent.tunnel;

import java.io.IOException;
import tunnelforge.http.BodySink;
import tunnelforge.http.BodySource;
import tunnelforge.http.ResponseHead;
import tunnelforge.mux.Exchange;
import tunnelforge.mux.Inflow;
import tunnelforge.mux.Outflow;
import tunnelforge.mux.ResetException;
import tunnelforge.net.Tasks;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.ResetCode;

/** Sends an answer over a data connection. Nobody else in the agent builds frames. */
final class ExchangeSink implements ResponseSink {
    private final Exchange exchange;
    private final FrameBuffer frames;
    private final Tasks tasks;
    private final Runnable upgraded;

    /**
     * @param frames this sink's while it is used
     * @param upgraded told when the exchange becomes a session
     */
    ExchangeSink(Exchange exchange, FrameBuffer frames, Tasks tasks, Runnable upgraded) {
        this.exchange = exchange;
        this.frames = frames;
        this.tasks = tasks;
        this.upgraded = upgraded;
    }

    @Override
    public void informational(ResponseHead head) throws IOException {
        begin(head);
        exchange.send(frames, 0, false);
    }

    @Override
    public void respond(ResponseHead head, BodySource body) throws IOException {
        begin(head);
        Outflow.send(exchange, frames, body);
    }

    @Override
    public void upgrade(ResponseHead head, BodySource from, BodySink to) throws IOException {
        begin(head);
        upgraded.run();
        exchange.beginSession();
        exchange.send(frames, 0, false);
        frames.clear();
        Thread other = tasks.start("local upgraded session", () -> carry(() -> Inflow.receive(exchange, to)));
        carry(() -> Outflow.send(exchange, frames, from));
        join(other);
    }

    private void begin(ResponseHead head) throws IOException {
        frames.clear();
        Outflow.head(frames, exchange.id(), head);
    }

    private interface Direction {
        void carry() throws IOException;
    }

    private void carry(Direction direction) {
        try {
            direction.carry();
        } catch (ResetException e) {
            // The exchange has failed, and the other direction with it.
        } catch (IOException e) {
            fail(ResetCode.BROKEN_OFF, "the local service broke off");
        }
    }

    private static void join(Thread other) {
        try {
            other.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void fail(ResetCode code, String reason) {
        exchange.reset(code, reason);
    }
}
