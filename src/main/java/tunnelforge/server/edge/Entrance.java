package tunnelforge.server.edge;

import java.io.EOFException;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import tunnelforge.http.Fields;
import tunnelforge.http.RequestHead;
import tunnelforge.http.ResponseHead;
import tunnelforge.http.Room;
import tunnelforge.json.JsonException;
import tunnelforge.log.Log;
import tunnelforge.mux.FrameLink;
import tunnelforge.net.Connection;
import tunnelforge.net.Tasks;
import tunnelforge.net.Ticker;
import tunnelforge.server.access.Figures;
import tunnelforge.server.access.Presented;
import tunnelforge.server.access.Refusal;
import tunnelforge.server.access.TurnedAway;
import tunnelforge.server.tls.Certificates;
import tunnelforge.server.tunnel.Admission;
import tunnelforge.server.tunnel.ControlConnection;
import tunnelforge.server.tunnel.DataConnection;
import tunnelforge.server.tunnel.Registrar;
import tunnelforge.server.tunnel.Tunnel;
import tunnelforge.server.tunnel.TunnelDirectory;
import tunnelforge.text.Addresses;
import tunnelforge.websocket.WebSocketHandshake;
import tunnelforge.wire.DataConnectionHello;
import tunnelforge.wire.DataEncoding;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.FrameReader;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ServerMessage;
import tunnelforge.wire.TunnelError;
import tunnelforge.wire.WireException;

/**
 * What agents come for, below {@code /_tunnelforge/}: the control WebSocket and data connections. Both take the task of their connection over
 * and keep it until they end.
 */
public final class Entrance {
    private static final String CONTROL = Router.ENTRANCE + "control";
    private static final String DATA = Router.ENTRANCE + "data";
    private static final int FORBIDDEN = 403;
    /** Of agents; visitors of the server's domain may have an older one. */
    private static final String TLS_VERSION = "TLSv1.3";

    private final Registrar registrar;
    private final TunnelDirectory registry;
    private final Certificates certificates;
    private final Figures figures;
    private final Tasks tasks;
    private final Ticker ticker;
    private final TurnedAway turnedAway;
    private final Log log;

    /**
     * @param certificates judge those of agents
     * @param figures count what is refused
     * @param turnedAway is told of agents that are refused
     */
    public Entrance(Registrar registrar, TunnelDirectory registry, Certificates certificates, Figures figures, Tasks tasks, Ticker ticker, TurnedAway turnedAway, Log log) {
        this.registrar = registrar;
        this.registry = registry;
        this.certificates = certificates;
        this.figures = figures;
        this.tasks = tasks;
        this.ticker = ticker;
        this.turnedAway = turnedAway;
        this.log = log;
    }

    /** What a request asks for. */
    private sealed interface Asked {
        /** The control WebSocket; {@code accept} proves that its key was read. */
        record Control(String accept) implements Asked { }

        /** A data connection. */
        record Data() implements Asked { }

        /** Not what this server speaks, which upgrades to {@code protocol}. */
        record Older(String protocol, String reason) implements Asked { }

        /** What there is not. */
        record Nothing(TunnelError error, String reason) implements Asked { }
    }

    /** Serves a request; a connection that an agent takes over ends with this. */
    void serve(Http1Stream stream, Caller caller) throws IOException {
        Asked asked = asked(stream);
        if (!TLS_VERSION.equals(caller.connection().tlsVersion())) {
            answer(stream, Page.upgradeRequired("TLS/1.3", "agents speak TLS 1.3 with this server, and nothing older"));
            return;
        }
        Presented presented;
        try {
            presented = certificates.presentedBy(caller.connection());
        } catch (Refusal e) {
            refuse(stream, caller, asked, e);
            return;
        }
        switch (asked) {
            case Asked.Control(String accept) -> control(stream, caller, accept, presented);
            case Asked.Data data -> data(stream, caller, presented);
            case Asked.Nothing(TunnelError error, String reason) -> answer(stream, Page.error(error, reason));
            case Asked.Older(String protocol, String reason) -> answer(stream, Page.upgradeRequired(protocol, reason));
        }
    }

    private static void answer(Http1Stream stream, Page page) throws IOException {
        stream.last();
        stream.answer(page);
    }

    /** For its certificate, before anything else is looked at. A data connection is told as it is told of all that is wrong with it. */
    private void refuse(Http1Stream stream, Caller caller, Asked asked, Refusal e) throws IOException {
        if (asked instanceof Asked.Data) {
            stream.leaveHttp(switching(ControlConnection.PROTOCOL));
            refuse(caller.connection(), e);
        } else {
            turnedAway.tell("certificate_refused", e.getMessage(), caller.connection().peer().getAddress());
            answer(stream, Page.error(e.error(), FORBIDDEN, e.getMessage()));
        }
    }

    private static Asked asked(Http1Stream stream) {
        // Bytes behind the head would be taken for what follows the 101.
        boolean asksToUpgrade = stream.asksToUpgrade() && stream.content() == RequestContent.NONE;
        RequestHead request = stream.takeHead();
        Fields fields = request.fields();
        boolean get = request.method().equals("GET");
        switch (request.target()) {
            case CONTROL -> {
                String key = fields.get("Sec-WebSocket-Key");
                if (!get || !asksToUpgrade || !fields.hasToken("Upgrade", "websocket") || key == null || !WebSocketHandshake.isValidKey(key)) {
                    return new Asked.Nothing(TunnelError.PROTOCOL, "this is where agents open a WebSocket");
                }
                if (!WebSocketHandshake.VERSION.equals(fields.get("Sec-WebSocket-Version"))
                        || !fields.hasToken("Sec-WebSocket-Protocol", ControlConnection.PROTOCOL)) {
                    return new Asked.Older("websocket", "this server speaks " + ControlConnection.PROTOCOL
                            + " over WebSocket version " + WebSocketHandshake.VERSION);
                }
                return new Asked.Control(WebSocketHandshake.accept(key));
            }
            case DATA -> {
                return get && asksToUpgrade && fields.hasToken("Upgrade", ControlConnection.PROTOCOL) ? new Asked.Data()
                        : new Asked.Older(ControlConnection.PROTOCOL, "data connections of this server upgrade to " + ControlConnection.PROTOCOL);
            }
            default -> {
                return new Asked.Nothing(TunnelError.TUNNEL_UNKNOWN, "there is nothing at " + request.target());
            }
        }
    }

    private void control(Http1Stream stream, Caller caller, String accept, Presented presented) throws IOException {
        ResponseHead answer = switching("websocket");
        answer.fields().add("Sec-WebSocket-Accept", accept);
        answer.fields().add("Sec-WebSocket-Protocol", ControlConnection.PROTOCOL);
        new ControlConnection(caller.connection(), presented, stream.leaveHttp(answer), caller::isAgent, registrar, tasks, ticker, turnedAway, log).run();
    }

    private void data(Http1Stream stream, Caller caller, Presented presented) throws IOException {
        Connection connection = caller.connection();
        FrameReader frames = new FrameReader(stream.leaveHttp(switching(ControlConnection.PROTOCOL)), FrameLink.READ_BUFFER, Limits.HELLO_MESSAGE, Room.NONE);
        Admission agreed;
        try {
            agreed = agree(connection, hello(connection, frames), presented, frames);
        } catch (Refusal e) {
            refuse(connection, e);
            end(connection);
            return;
        }
        caller.isAgent();
        WireException breach;
        try (Admission admission = agreed) {
            breach = serve(admission, connection, frames);
        }
        if (breach != null) {
            log.warn("data_refused", "a data connection broke the protocol", "peer", peer(connection), "error", breach.getMessage());
            try (Connection.Total limit = connection.within(Connection.CLOSE_LIMIT)) {
                say(connection, Refusal.lasting(TunnelError.PROTOCOL, breach.getMessage()));
            }
        }
        end(connection);
    }

    /** Visitors may take a minute to send what has been answered; an agent that goes on is not listened to. */
    private static void end(Connection connection) {
        connection.linger(Connection.CLOSE_LIMIT, Connection.CLOSE_LIMIT);
    }

    /** The agent's first message. One that does not send it in time is told so by another task, while this one still waits. */
    private DataConnectionHello hello(Connection connection, FrameReader frames) throws IOException, Refusal {
        AtomicBoolean answered = new AtomicBoolean();
        Runnable late = () -> {
            if (answered.compareAndSet(false, true)) {
                tasks.start("data connection too late", () -> refuseLate(connection));
            }
        };
        try (Connection.Total limit = connection.within(Limits.HELLO_WITHIN, late)) {
            if (!frames.next()) {
                throw new EOFException("the agent left without a word");
            }
            if (frames.type() != FrameType.MESSAGE) {
                throw new WireException("the first frame of a data connection must be MESSAGE");
            }
            return DataConnectionHello.parse(FrameBuffer.text(frames.array(), frames.offset(), frames.length()));
        } catch (WireException e) {
            throw Refusal.lasting(TunnelError.PROTOCOL, e.getMessage());
        } catch (JsonException e) {
            throw Refusal.lasting(TunnelError.PROTOCOL, "the first message cannot be understood: " + e.getMessage());
        } finally {
            if (!answered.compareAndSet(false, true)) {
                throw new IOException("the data connection was too late");
            }
        }
    }

    private void refuseLate(Connection connection) {
        try (Connection.Total limit = connection.within(Connection.CLOSE_LIMIT)) {
            refuse(connection, Refusal.passing(TunnelError.PROTOCOL, "no data_connection within " + Limits.HELLO_WITHIN.toSeconds() + " s"));
        } catch (IOException e) {
            // It has gone.
        }
        connection.leave(Connection.CLOSE_LIMIT);
    }

    private void refuse(Connection connection, Refusal e) throws IOException {
        turnedAway.tell("data_refused", e.getMessage(), connection.peer().getAddress());
        say(connection, e);
    }

    private void say(Connection connection, Refusal e) throws IOException {
        figures.refusals().add(e.error());
        FrameBuffer error = new FrameBuffer(256);
        // No other token would help here, so it is not 401.
        int code = e.error() == TunnelError.AUTH ? FORBIDDEN : e.error().status();
        error.message(0, new ServerMessage.Error(code, e.error().wireName(), e.getMessage(), e.retry()).toJson());
        connection.out().write(error.array(), 0, error.length());
    }

    private Admission agree(Connection connection, DataConnectionHello hello, Presented presented, FrameReader frames) throws IOException, Refusal {
        Tunnel tunnel = registry.findById(hello.tunnelId());
        if (tunnel == null) {
            throw Refusal.lasting(TunnelError.AUTH, "there is no tunnel of this tunnel_id");
        }
        Admission admission = tunnel.admit(hello.connectionId(), hello.encoding(), presented);
        frames.messageLimit(hello.encoding() == DataEncoding.JSON ? Limits.MAX_MESSAGE_JSON : Limits.MAX_MESSAGE_BINARY);
        FrameBuffer accepted = new FrameBuffer(256);
        accepted.message(0, admission.agree(hello).toJson());
        try {
            connection.out().write(accepted.array(), 0, accepted.length());
        } catch (IOException e) {
            admission.close();
            throw e;
        }
        return admission;
    }

    /** What the agent has broken the protocol by; null when it has not. */
    private WireException serve(Admission admission, Connection connection, FrameReader frames) {
        DataConnection link = admission.join(connection, frames);
        if (link == null) {
            return null;
        }
        log.debug("data_opened", "a data connection has joined its pool", "peer", peer(connection));
        try {
            link.run(tasks, ticker);
        } catch (WireException e) {
            return e;
        } catch (IOException e) {
            log.debug("data_lost", "a data connection was lost", "peer", peer(connection), "error", e.getMessage());
        }
        return null;
    }

    private static ResponseHead switching(String protocol) {
        Fields fields = new Fields();
        fields.add("Connection", "Upgrade");
        fields.add("Upgrade", protocol);
        return new ResponseHead(101, "Switching Protocols", 1, fields);
    }

    private static String peer(Connection connection) {
        return Addresses.text(connection.peer().getAddress());
    }
}
