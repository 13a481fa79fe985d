package tunnelforge.server.edge;

import java.io.IOException;
import java.net.InetAddress;
import tunnelforge.http.ConnectionLogin;
import tunnelforge.http.Framing;
import tunnelforge.http.HttpException;
import tunnelforge.http.ResponseHead;
import tunnelforge.http.Room;
import tunnelforge.http.Upgrade;
import tunnelforge.mux.Exchange;
import tunnelforge.mux.Inflow;
import tunnelforge.mux.ResetException;
import tunnelforge.net.Cancellation;
import tunnelforge.net.Connection;
import tunnelforge.net.Tasks;
import tunnelforge.server.access.Network;
import tunnelforge.server.access.Refusal;
import tunnelforge.server.access.TurnedAway;
import tunnelforge.server.access.VisitorRules;
import tunnelforge.server.tunnel.Tunnel;
import tunnelforge.server.tunnel.Unanswered;
import tunnelforge.server.tunnel.Visit;
import tunnelforge.server.tunnel.Visitors;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ResetCode;
import tunnelforge.wire.TunnelError;

/**
 * One request of a visitor through a tunnel, on the visitor's task: the request goes out on a data connection, and the response is written
 * as it arrives. A request that has certainly not run is sent again on another data connection.
 */
final class VisitorExchange implements Caller.Occupied {
    private static final int ATTEMPTS = 3;
    private static final int REQUEST_TIMEOUT = 408;

    private final VisitorStream visitor;
    private final Caller caller;
    private final String domain;
    private final Passages passages;
    private final Tasks tasks;
    private final TurnedAway turnedAway;
    private Tunnel tunnel;
    private Visit visit;
    private VisitorMeter meter;
    private OutgoingRequest request;
    /** Once the head of a final response has been written. */
    private VisitorStream.Response response;
    private int status;
    private volatile Exchange exchange;
    private volatile boolean answering;
    private volatile boolean tooSlow;

    VisitorExchange(VisitorStream visitor, Caller caller, Edge edge) {
        this.visitor = visitor;
        this.caller = caller;
        this.domain = edge.addresses().domain();
        this.passages = edge.passages();
        this.tasks = edge.tasks();
        this.turnedAway = edge.turnedAway();
    }

    /**
     * Serves the request.
     *
     * @param rules by which the visitor may visit
     * @param asksFor the visitor, whoever has connected for it
     * @param room for a large request
     * @throws HttpException when the body breaks HTTP before there is a response
     * @throws IOException when the visitor has gone, or must see that the response broke off
     */
    void serve(Tunnel visited, VisitorRules rules, InetAddress asksFor, Room room) throws IOException {
        tunnel = visited;
        visitor.notes().visits();
        if (tunnel.isStopping()) {
            visitor.last();
        }
        Network network = asksFor.equals(visitor.address()) ? caller.share().network() : Network.of(asksFor);
        try (Unanswered.Arrival arrival = tunnel.visitors().arrives()) {
            RequestContent content = arrived();
            try (Visit entered = tunnel.enter(rules, caller.share(), network, visitor.gone())) {
                arrival.close();
                visit = entered;
                meter = new VisitorMeter(entered, network, visitor.gone(), this::tell);
                try (OutgoingRequest outgoing = new OutgoingRequest(visitor, content, meter, passages, room, tasks)) {
                    request = outgoing;
                    caller.occupies(this);
                    attempt();
                } catch (Refusal e) {
                    refuse(e);
                }
            }
        } catch (Refusal e) {
            refuse(e);
        } finally {
            caller.occupiesNothing();
            if (response != null) {
                response.close();
            }
        }
    }

    private RequestContent arrived() throws IOException {
        if (visitor.asksToUpgrade()) {
            visitor.collectContent();
        }
        return visitor.content().arrived(tunnel.visitors().excess() > 0);
    }

    private void attempt() throws Refusal, IOException {
        int refused = 0;
        for (int attempt = 1;; attempt++) {
            Exchange opened = request.open(visit);
            if (attempt > 1) {
                visitor.notes().sentAgain();
            }
            exchange = opened;
            try (Cancellation.Registration leaving = visitor.gone().onCancel(() -> opened.reset(ResetCode.CANCELLED, "the visitor has left"))) {
                respond();
                return;
            } catch (ResetException e) {
                if (e.connectionLost() && isAskedAgain(opened) && attempt < Limits.MAX_RESENT) {
                    if (!e.safeToSendAgain()) {
                        request.lost(visit, opened.resendKey(), opened.received());
                    }
                    continue;
                }
                if (response != null) {
                    throw new IOException("the response broke off: " + e.getMessage(), e);
                }
                if (tooSlow || !e.safeToSendAgain() || ++refused == ATTEMPTS || !request.repeatable()) {
                    fail(e, exchange.peerEnded());
                    return;
                }
            } finally {
                opened.close();
                // Whoever measures what the caller occupies may look at this for a second more, and is not to keep its windows.
                exchange = null;
            }
        }
    }

    /** Whether the agent may have the answer still, and would give it on another connection. */
    private boolean isAskedAgain(Exchange lost) {
        return lost.resendKey() != null && request.mayComeAgain() && !tooSlow && !visitor.gone().cancelled();
    }

    // ---- The response. ----

    /** Throws {@link ResetException} when the exchange has ended before its time. */
    private void respond() throws Refusal, IOException {
        ResponseHead head = exchange.awaitHead();
        if (response != null) {
            goOn(head);
            return;
        }
        while (head.status() < 200 && head.status() != 101) {
            ForwardedHeads.cleanResponse(head.fields(), domain);
            head.fields().remove("Content-Length");
            meter.response(head);
            visitor.informational(head);
            head = exchange.awaitHead();
        }
        if (exchange.resendKey() == null) {
            request.notAgain();
        }
        if (request.logsIn() || ConnectionLogin.isIn(head)) {
            visitor.connection().loginBegins(tunnel);
        }
        if (head.status() == 101 && !Upgrade.isGranted(visitor.upgradeTo(), head)) {
            answer(TunnelError.UPSTREAM_INVALID, "the agent has switched to a protocol that was not asked for");
        } else if (head.status() == 101) {
            session(head);
        } else {
            finish(head);
        }
    }

    private void finish(ResponseHead head) throws IOException {
        Framing framing;
        try {
            framing = Framing.ofForwarded(head, visitor.method());
        } catch (HttpException e) {
            answer(TunnelError.UPSTREAM_INVALID, "the agent's answer is no valid HTTP: " + e.getMessage());
            return;
        }
        visitor.notes().agentAnswers();
        ForwardedHeads.response(head, domain);
        meter.response(head);
        answering = true;
        status = head.status();
        response = visitor.respond(head, framing);
        Inflow.receive(exchange, meter.before(response));
    }

    /** The visitor has the head already, and the body up to where the agent goes on with it. */
    private void goOn(ResponseHead head) throws IOException {
        if (head.status() != status) {
            throw new IOException("the response broke off: the agent goes on with another");
        }
        Inflow.receive(exchange, meter.before(response));
    }

    /** Bytes both ways, not looked into. Each direction ends by itself. */
    private void session(ResponseHead head) throws Refusal, IOException {
        visit.sessionBegins(exchange);
        caller.becomesSession();
        caller.occupiesNothing();
        visitor.notes().agentAnswers();
        VisitorStream.Switched switched = visitor.upgrade(ForwardedHeads.switching(head, domain));
        try (VisitorStream.Response to = switched.to()) {
            Thread other = tasks.start("visitor session", new Upload(exchange, meter.source(switched.from())));
            Inflow.receive(exchange, meter.before(to));
            try (Connection.Total limit = visitor.within(VisitorLimits.HALF_CLOSED)) {
                // No longer, also when it waits for credit that never comes: the exchange is closed next, and ends it.
                other.join(VisitorLimits.HALF_CLOSED.plusSeconds(1));
            }
        } catch (ResetException e) {
            throw new IOException("the session broke off: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // ---- When there is none. ----

    private void fail(ResetException e, boolean byAgent) throws IOException {
        if (tooSlow) {
            visitor.answer(Page.error(TunnelError.BAD_REQUEST, REQUEST_TIMEOUT, "the body comes too slowly while others need its place"));
            return;
        }
        if (request.broken() != null) {
            throw request.broken();
        }
        if (e.code() == ResetCode.CANCELLED && !byAgent) {
            throw e;
        }
        TunnelError error = switch (e.code()) {
            case UPSTREAM_REFUSED -> TunnelError.UPSTREAM_REFUSED;
            case UPSTREAM_TIMEOUT -> TunnelError.UPSTREAM_TIMEOUT;
            case UPSTREAM_INVALID, BROKEN_OFF, PROTOCOL, CANCELLED -> TunnelError.UPSTREAM_INVALID;
            // That it was not run this time says nothing of the times before.
            case NOT_RUN -> request.mayHaveRun() ? TunnelError.OUTCOME_UNKNOWN : TunnelError.OVERLOADED;
            case OVERLOADED -> TunnelError.OVERLOADED;
            case OUTCOME_UNKNOWN -> TunnelError.OUTCOME_UNKNOWN;
            case TOO_LARGE -> TunnelError.TOO_LARGE;
        };
        answer(error, e.getMessage());
    }

    private void refuse(Refusal e) throws IOException {
        if (visitor.gone().cancelled()) {
            throw new IOException("the visitor has left");
        }
        if (response != null) {
            throw new IOException("the response broke off: " + e.getMessage(), e);
        }
        if (request != null && request.mayHaveRun()) {
            answer(TunnelError.OUTCOME_UNKNOWN, "the data connection was lost, and the request may have run: " + e.getMessage());
            return;
        }
        if (e.error() == TunnelError.OVERLOADED || e.error() == TunnelError.RATE_LIMITED) {
            tell(e);
        }
        if (e.retryAfter() != null) {
            visitor.answer(Page.tryLater(e.error(), e.getMessage(), e.retryAfter()));
            return;
        }
        answer(e.error(), e.getMessage());
    }

    private void tell(Refusal e) {
        turnedAway.tell("visitor_refused", e.getMessage(), visitor.address());
    }

    private void answer(TunnelError error, String reason) throws IOException {
        visitor.answer(Page.error(error, visitor.asksToUpgrade() && error == TunnelError.BAD_REQUEST ? 501 : error.status(), reason));
    }

    // ---- What it occupies, from when it has said so. ----

    @Override
    public Visitors among() {
        return visit.visitors();
    }

    @Override
    public boolean bodyComes() {
        return request.contentComes() && visitor.contentInvited();
    }

    @Override
    public boolean answerGoes() {
        return answering;
    }

    @Override
    public boolean giveUpBody() {
        Exchange now = exchange;
        if (now == null) {
            return false;
        }
        tooSlow = true;
        visitor.last();
        now.reset(ResetCode.CANCELLED, "the visitor's body is too slow");
        return true;
    }
}
