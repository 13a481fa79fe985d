package tunnelforge.agent.tunnel;

import java.io.IOException;
import tunnelforge.http.BodySink;
import tunnelforge.http.Framing;
import tunnelforge.http.RequestHead;
import tunnelforge.mux.Exchange;
import tunnelforge.mux.Inflow;

/** A request whose content comes over a data connection. */
record ExchangeRequest(Exchange exchange, RequestHead head, Framing framing, boolean upgrade) implements Request {
    @Override
    public int wholeContent() {
        return exchange.wholeRest();
    }

    @Override
    public void content(BodySink to) throws IOException {
        if (upgrade && framing instanceof Framing.Length(long bytes)) {
            Inflow.receive(exchange, to, bytes);
        } else {
            Inflow.receive(exchange, to);
        }
    }

    @Override
    public void given() {
        exchange.given();
    }

    @Override
    public boolean isOver() {
        return exchange.isOver();
    }

    @Override
    public Hook onEnd(Runnable hook) {
        return exchange.onEnd(hook)::close;
    }
}
