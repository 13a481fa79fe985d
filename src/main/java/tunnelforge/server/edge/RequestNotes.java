package tunnelforge.server.edge;

import java.net.InetAddress;
import tunnelforge.http.RequestHead;
import tunnelforge.net.Clock;
import tunnelforge.server.access.Figures;
import tunnelforge.server.access.VisitorRules;
import tunnelforge.server.tunnel.Tunnel;
import tunnelforge.wire.TunnelError;
import tunnelforge.wire.TunnelProtocol;

/**
 * What is noted of one request after the other on a visitor's connection: for the figures, which count each, and for those who want to know what became of it, while there are
 * such. By the task that serves them, but for {@link #came}; another task that answers instead is waited for before {@link #over}.
 */
final class RequestNotes {
    private static final int SWITCHING_PROTOCOLS = 101;

    private final Figures figures;
    private final Clock clock;
    /** Null for nobody. */
    private final ServedListener listener;
    private final InetAddress peer;
    private final boolean tls;
    /** Null while no flight is recorded. */
    private ExchangeEvent event;
    /** Whether somebody wants to know. */
    private boolean open;
    /** Whether it has come to a tunnel, and the figures wait for its end. */
    private boolean visits;
    private long visitBegan;
    private long began;
    private long waitBegan;
    private long waited;
    private long placed;
    private long answered;
    private TunnelProtocol protocol;
    private InetAddress visitor;
    private String user;
    private String host;
    private String account;
    private Served.Asked request;
    private String requestId;
    private int status;
    private TunnelError error;
    private boolean complete;
    private volatile long bytesIn;
    private long bytesOut;
    private int resent;

    /**
     * For one connection.
     *
     * @param figures count what becomes of requests
     * @param listener null for nobody
     * @param peer who has connected
     * @param tls whether it speaks TLS with the server
     */
    RequestNotes(Figures figures, ServedListener listener, InetAddress peer, boolean tls) {
        this.figures = figures;
        this.clock = figures.clock();
        this.listener = listener;
        this.peer = peer;
        this.tls = tls;
    }

    /** The first octet of a request is here. */
    void begin() {
        event = ExchangeEvent.begun();
        open = listener != null || event != null;
        visits = false;
        status = Served.NO_ANSWER;
        error = null;
        complete = false;
        if (!open) {
            return;
        }
        began = clock.nanos();
        waited = 0;
        placed = 0;
        answered = 0;
        protocol = tls ? TunnelProtocol.HTTPS : TunnelProtocol.HTTP;
        visitor = peer;
        user = null;
        host = null;
        account = null;
        request = null;
        requestId = null;
        bytesIn = 0;
        bytesOut = 0;
        resent = 0;
    }

    /** It was no request, or none of a visitor. */
    void drop() {
        open = false;
        visits = false;
        event = null;
    }

    /** Whether a request has begun whose head was not read. */
    boolean lacksHead() {
        return open && request == null;
    }

    /** What came in place of a head. */
    void unread(String line) {
        request = new Served.Asked(line, null, null, 1, null, null);
    }

    /** {@code head}: as received. */
    void head(RequestHead head, boolean https) {
        if (open) {
            request = new Served.Asked(null, head.method(), head.target(), head.minorVersion(), head.fields().get("Referer"), head.fields().get("User-Agent"));
            host = head.fields().get("Host");
            protocol = https ? TunnelProtocol.HTTPS : TunnelProtocol.HTTP;
        }
    }

    /** There is a tunnel at its address. */
    void tunnel(Tunnel tunnel) {
        if (open) {
            host = tunnel.address().host();
            account = tunnel.allowance().account();
        }
    }

    /** For whom it asks, which is believed. */
    void visitor(InetAddress asksFor) {
        visitor = asksFor;
    }

    /** {@code authorization} has let it in. */
    void user(String authorization) {
        if (open) {
            user = VisitorRules.user(authorization);
        }
    }

    /** It may visit the tunnel, and does: its time counts from now on. */
    void visits() {
        visits = true;
        visitBegan = clock.nanos();
    }

    /** It goes to the agent, known by that id. */
    void sent(String id) {
        requestId = id;
    }

    void sentAgain() {
        resent++;
        figures.resent().increment();
    }

    /** It waits for the agent, until {@link #waited}. */
    void waits() {
        if (open) {
            waitBegan = clock.nanos();
        }
    }

    void waited() {
        if (open) {
            long now = clock.nanos();
            waited += now - waitBegan;
            // Of one whose answer is lost on its way, and goes on elsewhere, the first place has answered.
            placed = answered == 0 ? now : placed;
        }
    }

    /** The head of the agent's answer is here, which the visitor gets. */
    void agentAnswers() {
        answered = clock.nanos();
        figures.latencies().record(answered - visitBegan);
    }

    /** Bytes of the content have come. By any task, one at a time. */
    void came(int bytes) {
        if (open && bytes > 0) {
            bytesIn += bytes;
        }
    }

    /** {@code told}: the error that the server itself answers with; null for none. */
    void answers(int answer, TunnelError told) {
        status = answer;
        error = told;
        if (told != null) {
            figures.refusals().add(told);
        }
    }

    /** It is answered with a 101, and is a session now, which does not count as a request's time. */
    void switches() {
        status = SWITCHING_PROTOCOLS;
        count(Figures.Outcome.SWITCHED);
    }

    /** Bytes of the answer's content have left. */
    void left(int bytes) {
        bytesOut += bytes;
    }

    void completed() {
        complete = true;
    }

    /** Tells of the request, once. */
    void over() {
        count(complete ? Figures.Outcome.of(status) : Figures.Outcome.BROKEN);
        if (!open) {
            return;
        }
        open = false;
        long duration = clock.nanos() - began;
        Served served = new Served(System.currentTimeMillis(), duration, waited, answered == 0 ? 0 : answered - placed, protocol, visitor, user, host, account, request, requestId,
                status, error == null ? null : error.wireName(), complete, bytesIn, bytesOut, resent);
        if (listener != null) {
            listener.served(served);
        }
        if (event != null) {
            event.over(served);
            event = null;
        }
    }

    private void count(Figures.Outcome outcome) {
        if (visits) {
            visits = false;
            figures.requests().add(outcome);
            figures.durations().record(clock.nanos() - visitBegan);
        }
    }
}
