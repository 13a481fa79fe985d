package tunnelforge.mux.json;

import java.io.IOException;
import tunnelforge.http.Fields;
import tunnelforge.http.HttpException;
import tunnelforge.json.JsonException;
import tunnelforge.mux.Exchange;
import tunnelforge.mux.ResetException;
import tunnelforge.mux.ServerRole;
import tunnelforge.net.Clock;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.JsonExchange;
import tunnelforge.wire.ResetCode;
import tunnelforge.wire.ServerMessage;
import tunnelforge.wire.WireException;

/**
 * The server's end of a data connection whose agent speaks JSON and does one thing at a time: after a RESET its place stays taken until the agent has answered.
 */
public final class JsonRole extends ServerRole {
    /** What a message costs while it is taken apart, for each of its bytes: its text, the parsed strings, and the body that is taken out of it. */
    private static final int COST = 3;

    private final JsonTurn turn;

    public JsonRole(Owner owner, Clock clock) {
        super(owner);
        this.turn = new JsonTurn(clock);
    }

    @Override
    protected boolean hasWindows() {
        return false;
    }

    @Override
    protected void onForgotten(Exchange exchange) {
        if (turn.leave(exchange.id(), exchange.peerEnded())) {
            placeFree();
        }
    }

    @Override
    protected void onLate(int type, int id) {
        if (type == FrameType.END || type == FrameType.RESET) {
            ended(id);
        }
    }

    private void ended(int id) {
        if (turn.end(id)) {
            placeFree();
        }
    }

    @Override
    protected boolean isOverdue(long now) {
        return turn.isOverdue(now);
    }

    @Override
    protected void onResponse(Link link, Exchange exchange, byte[] b, int off, int length) throws WireException {
        throw new WireException("RESPONSE in the JSON encoding");
    }

    @Override
    protected void onMessage(Link link, int id, byte[] b, int off, int length) throws IOException {
        long cost = (long) COST * length;
        if (!link.ledger().tryGrow(cost)) {
            Exchange exchange = link.exchange(id);
            if (exchange != null) {
                exchange.reset(ResetCode.OVERLOADED, "no memory is left for an answer of " + length + " bytes");
            }
            return;
        }
        try {
            receive(link, id, FrameBuffer.text(b, off, length));
        } finally {
            link.ledger().release(cost);
        }
    }

    private void receive(Link link, int id, String text) throws IOException {
        JsonExchange.Answer answer;
        try {
            answer = JsonExchange.parseAnswer(text);
        } catch (JsonException e) {
            throw new WireException("a MESSAGE that cannot be understood: " + e.getMessage());
        }
        if (id == 0) {
            return;
        }
        Exchange exchange = link.exchange(id);
        if (exchange == null) {
            link.requireOpened(FrameType.MESSAGE, id);
        }
        switch (answer) {
            case JsonExchange.Response response when exchange == null -> {
                if (!response.bodyFollows()) {
                    ended(id);
                }
            }
            case ServerMessage.Error error when exchange == null -> ended(id);
            case JsonExchange.Response response -> deliver(link, exchange, response);
            case ServerMessage.Error error -> link.failByPeer(exchange, error.asReset(), error.message());
            case JsonExchange.Unknown unknown -> { }
        }
    }

    private void deliver(Link link, Exchange exchange, JsonExchange.Response response) throws IOException {
        try {
            link.deliverHead(exchange, JsonAnswers.head(response, exchange.method()), 0);
            byte[] body = response.body();
            if (body != null && body.length > 0 && !JsonAnswers.bodiless(response, exchange.method())) {
                link.deliverData(exchange, body, 0, body.length);
            }
            if (!response.bodyFollows()) {
                link.deliverEnd(exchange, new Fields(), 0);
            }
        } catch (HttpException | ResetException e) {
            exchange.reset(ResetCode.UPSTREAM_INVALID, e.getMessage());
            if (!response.bodyFollows()) {
                ended(exchange.id());
            }
        }
    }
}
