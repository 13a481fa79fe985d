package tunnelforge.server.edge;

import java.io.IOException;
import tunnelforge.http.Fields;
import tunnelforge.http.HttpReader;
import tunnelforge.http.HttpWriter;
import tunnelforge.http.RequestHead;
import tunnelforge.http.ResponseHead;
import tunnelforge.http.Room;
import tunnelforge.json.JsonException;
import tunnelforge.log.Log;
import tunnelforge.net.Connection;
import tunnelforge.net.Tasks;
import tunnelforge.net.Ticker;
import tunnelforge.server.access.Refusal;
import tunnelforge.server.tunnel.ControlConnection;
import tunnelforge.server.tunnel.DataConnection;
import tunnelforge.server.tunnel.Registrar;
import tunnelforge.server.tunnel.ServerLimits;
import tunnelforge.server.tunnel.Tunnel;
import tunnelforge.server.tunnel.TunnelDirectory;
import tunnelforge.text.Addresses;
import tunnelforge.websocket.WebSocketHandshake;
import tunnelforge.wire.DataConnectionAccepted;
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

    private final Registrar registrar;
    private final TunnelDirectory registry;
    private final Tasks tasks;
    private final Ticker ticker;
    private final Log log;

    public Entrance(Registrar registrar, TunnelDirectory registry, Tasks tasks, Ticker ticker, Log log) {
        this.registrar = registrar;
        this.registry = registry;
        this.tasks = tasks;
        this.ticker = ticker;
        this.log = log;
    }

    /** Serves a request; false when the connection was used up by it. */
    boolean serve(RequestHead request, Connection connection, HttpReader reader, HttpWriter writer) throws IOException {
        String target = request.target();
        if (target.equals(CONTROL)) {
            return control(request, connection, reader, writer);
        }
        if (target.equals(DATA)) {
            return data(request, connection, reader, writer);
        }
        return refuse(request, writer, TunnelError.TUNNEL_UNKNOWN, "there is nothing at " + target);
    }

    private boolean control(RequestHead request, Connection connection, HttpReader reader, HttpWriter writer)
            throws IOException {
        Fields fields = request.fields();
        String key = fields.get("Sec-WebSocket-Key");
        if (!request.method().equals("GET") || !asks(fields, "websocket") || key == null
                || !WebSocketHandshake.isValidKey(key)) {
            return refuse(request, writer, TunnelError.PROTOCOL, "this is where agents open a WebSocket");
        }
        if (!WebSocketHandshake.VERSION.equals(fields.get("Sec-WebSocket-Version"))
                || !fields.hasToken("Sec-WebSocket-Protocol", ControlConnection.PROTOCOL)) {
            return refuse(request, writer, TunnelError.VERSION, "this server speaks " + ControlConnection.PROTOCOL
                    + " over WebSocket version " + WebSocketHandshake.VERSION);
        }
        Fields answer = switching("websocket");
        answer.add("Sec-WebSocket-Accept", WebSocketHandshake.accept(key));
        answer.add("Sec-WebSocket-Protocol", ControlConnection.PROTOCOL);
        accept(writer, answer);
        new ControlConnection(connection, reader.rawStream(), registrar, registry, tasks, ticker, log).run();
        return false;
    }

    private boolean data(RequestHead request, Connection connection, HttpReader reader, HttpWriter writer)
            throws IOException {
        if (!request.method().equals("GET") || !asks(request.fields(), ControlConnection.PROTOCOL)) {
            return refuse(request, writer, TunnelError.VERSION, "data connections of this server upgrade to "
                    + ControlConnection.PROTOCOL);
        }
        connection.deadline(Limits.HELLO_WITHIN);
        accept(writer, switching(ControlConnection.PROTOCOL));
        FrameReader frames = new FrameReader(reader.rawStream(), DataConnection.READ_BUFFER, Limits.HELLO_MESSAGE, Room.NONE);
        DataConnection accepted;
        try {
            accepted = agree(connection, frames);
        } catch (Refusal e) {
            log.info("data_refused", e.getMessage(), "peer", peer(connection));
            FrameBuffer error = new FrameBuffer(256);
            // No other token would help here, so it is not 401.
            int code = e.error() == TunnelError.AUTH ? FORBIDDEN : e.error().status();
            error.message(0, new ServerMessage.Error(code, e.error().wireName(), e.getMessage(), e.retry()).toJson());
            connection.out().write(error.array(), 0, error.length());
            return false;
        }
        connection.noDeadline();
        serve(accepted, connection);
        return false;
    }

    private DataConnection agree(Connection connection, FrameReader frames) throws IOException, Refusal {
        if (!frames.next() || frames.type() != FrameType.MESSAGE) {
            throw new WireException("the first frame of a data connection must be MESSAGE");
        }
        DataConnectionHello hello;
        try {
            hello = DataConnectionHello.parse(FrameBuffer.text(frames.array(), frames.offset(), frames.length()));
        } catch (JsonException e) {
            throw Refusal.lasting(TunnelError.PROTOCOL, "the first message cannot be understood: " + e.getMessage());
        }
        Tunnel tunnel = registry.findById(hello.tunnelId());
        if (tunnel == null || !tunnel.pool().redeem(hello.connectionId())) {
            throw Refusal.lasting(TunnelError.AUTH, "this connection_id is not known, was used, or is too old");
        }
        frames.messageLimit(hello.encoding() == DataEncoding.JSON ? Limits.MAX_MESSAGE_JSON : Limits.MAX_MESSAGE_BINARY);
        FrameBuffer accepted = new FrameBuffer(256);
        accepted.message(0, new DataConnectionAccepted(java.util.List.of(), ServerLimits.promised()).toJson());
        connection.out().write(accepted.array(), 0, accepted.length());
        return new DataConnection(tunnel.pool(), connection, frames, hello.encoding(), tunnel.ledger());
    }

    private void serve(DataConnection link, Connection connection) {
        if (!link.join()) {
            return;
        }
        log.debug("data_opened", "a data connection has joined its pool", "peer", peer(connection));
        try {
            link.run(tasks, ticker);
        } catch (WireException e) {
            log.warn("data_refused", "a data connection broke the protocol", "peer", peer(connection), "error", e.getMessage());
        } catch (IOException e) {
            log.debug("data_lost", "a data connection was lost", "peer", peer(connection), "error", e.getMessage());
        } finally {
            link.leave();
        }
    }

    private static boolean asks(Fields fields, String protocol) {
        return fields.hasToken("Connection", "upgrade") && fields.hasToken("Upgrade", protocol);
    }

    private static Fields switching(String protocol) {
        Fields fields = new Fields();
        fields.add("Connection", "Upgrade");
        fields.add("Upgrade", protocol);
        return fields;
    }

    private static void accept(HttpWriter writer, Fields fields) throws IOException {
        writer.head(new ResponseHead(101, "Switching Protocols", 1, fields));
        writer.flush();
    }

    private static boolean refuse(RequestHead request, HttpWriter writer, TunnelError error, String reason) throws IOException {
        Page.error(request, error, error.status(), reason).write(writer, request, false);
        return false;
    }

    private static String peer(Connection connection) {
        return Addresses.text(connection.peer().getAddress());
    }
}
