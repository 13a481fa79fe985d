package tunnelforge.server.edge;

import java.net.InetAddress;
import tunnelforge.http.RequestHead;
import tunnelforge.net.Clock;
import tunnelforge.server.access.VisitorRules;
import tunnelforge.server.tunnel.Tunnel;
import tunnelforge.wire.TunnelProtocol;

/**
 * What is noted of one request after the other on a visitor's connection, for those who want to know what became of it; nothing while nobody does. By the task that
 * serves them, but for {@link #came}; another task that answers instead is waited for before {@link #over}.
 */
final class RequestNotes {
    private static final Clock CLOCK = Clock.SYSTEM;

    /** Null for nobody. */
    private final ServedListener listener;
    private final InetAddress peer;
    private final boolean tls;
    /** Null while no flight is recorded. */
    private ExchangeEvent event;
    private boolean open;
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
    private String error;
    private boolean complete;
    private volatile long bytesIn;
    private long bytesOut;
    private int resent;

    /**
     * For one connection.
     *
     * @param listener null for nobody
     * @param peer who has connected
     * @param tls whether it speaks TLS with the server
     */
    RequestNotes(ServedListener listener, InetAddress peer, boolean tls) {
        this.listener = listener;
        this.peer = peer;
        this.tls = tls;
    }

    /** The first octet of a request is here. */
    void begin() {
        event = ExchangeEvent.begun();
        open = listener != null || event != null;
        if (!open) {
            return;
        }
        began = CLOCK.nanos();
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
        status = Served.NO_ANSWER;
        error = null;
        complete = false;
        bytesIn = 0;
        bytesOut = 0;
        resent = 0;
    }

    /** It was no request, or none of a visitor. */
    void drop() {
        open = false;
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

    /** It goes to the agent, known by that id. */
    void sent(String id) {
        requestId = id;
    }

    void sentAgain() {
        resent++;
    }

    /** It waits for the agent, until {@link #waited}. */
    void waits() {
        if (open) {
            waitBegan = CLOCK.nanos();
        }
    }

    void waited() {
        if (open) {
            placed = CLOCK.nanos();
            waited += placed - waitBegan;
        }
    }

    /** The head of the agent's answer is here. */
    void agentAnswers() {
        if (open) {
            answered = CLOCK.nanos();
        }
    }

    /** Bytes of the content have come. By any task, one at a time. */
    void came(int bytes) {
        if (open && bytes > 0) {
            bytesIn += bytes;
        }
    }

    /** {@code code}: of what the server itself answers; null for none. */
    void answers(int answer, String code) {
        status = answer;
        error = code;
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
        if (!open) {
            return;
        }
        open = false;
        long duration = CLOCK.nanos() - began;
        Served served = new Served(System.currentTimeMillis(), duration, waited, answered == 0 ? 0 : answered - placed, protocol, visitor, user, host, account, request, requestId,
                status, error, complete, bytesIn, bytesOut, resent);
        if (listener != null) {
            listener.served(served);
        }
        if (event != null) {
            event.over(served);
            event = null;
        }
    }
}
