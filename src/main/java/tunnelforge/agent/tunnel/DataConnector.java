package tunnelforge.agent.tunnel;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import tunnelforge.http.Fields;
import tunnelforge.http.HttpReader;
import tunnelforge.http.HttpWriter;
import tunnelforge.http.RequestHead;
import tunnelforge.http.ResponseHead;
import tunnelforge.http.Room;
import tunnelforge.json.JsonException;
import tunnelforge.mux.AgentRole;
import tunnelforge.mux.FrameLink;
import tunnelforge.mux.Resumption;
import tunnelforge.net.Connection;
import tunnelforge.net.Ledger;
import tunnelforge.wire.DataConnectionAccepted;
import tunnelforge.wire.DataConnectionHello;
import tunnelforge.wire.DataEncoding;
import tunnelforge.wire.DataMessage;
import tunnelforge.wire.Features;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.FrameReader;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ServerMessage;
import tunnelforge.wire.WireException;

/** Opens data connections: TCP, TLS, the upgrade, and the agreement on who it is for. */
public final class DataConnector {
    private static final int HEAD_BUFFER = 4 * 1024;

    private final ServerRoute route;
    private final Ledger memory;
    private final Serving serving;
    private final Resumption resumption;

    /**
     * @param memory what the tunnel may use
     * @param resumption remembers what has come over all of them; null where nothing is to be sent again
     */
    public DataConnector(ServerRoute route, Ledger memory, Serving serving, Resumption resumption) {
        this.route = route;
        this.memory = memory;
        this.serving = serving;
        this.resumption = resumption;
    }

    /** The raw connection; the caller kills it when {@link #agree} fails. */
    public Connection connect() throws IOException {
        return route.connect();
    }

    /** Makes a data connection out of a raw one, with the {@code tls} of its tunnel's control connection. */
    public FrameLink agree(Connection connection, ServerTls tls, String tunnelId, String connectionId) throws IOException {
        try (Connection.Total agreement = connection.within(ServerTls.CONNECT_LIMIT)) {
            route.start(connection, tls);
            return expected(connection, new DataConnectionHello(tunnelId, connectionId, DataEncoding.BINARY, resumption != null, features()));
        }
    }

    private List<String> features() {
        return resumption == null || !resumption.knowsLastProcess() ? Features.KNOWN : Stream.concat(Features.KNOWN.stream(), Stream.of(Features.JOURNAL)).toList();
    }

    private FrameLink expected(Connection connection, DataConnectionHello message) throws IOException {
        if (resumption == null) {
            return agree(connection, message);
        }
        // The server may use it before its answer is here.
        resumption.expect(message.connectionId());
        try {
            return agree(connection, message);
        } catch (IOException | RuntimeException | Error e) {
            resumption.neverBegan(message.connectionId());
            throw e;
        }
    }

    private FrameLink agree(Connection connection, DataConnectionHello message) throws IOException {
        HttpWriter writer = new HttpWriter(connection.out(), HEAD_BUFFER);
        Fields fields = new Fields();
        fields.add("Host", route.server().toString());
        fields.add("Connection", "Upgrade");
        fields.add("Upgrade", ControlConnection.PROTOCOL);
        writer.head(new RequestHead("GET", "/_tunnelforge/data", 1, fields));
        writer.flush();
        HttpReader reader = new HttpReader(connection.in(), HEAD_BUFFER);
        ResponseHead answer = reader.readResponse(HEAD_BUFFER);
        if (answer.status() != 101) {
            throw new WireException("the server answered a data connection with " + answer.status());
        }
        FrameBuffer hello = new FrameBuffer(256);
        hello.message(0, message.toJson());
        connection.out().write(hello.array(), 0, hello.length());
        FrameReader frames = new FrameReader(reader.rawStream(), FrameLink.READ_BUFFER, Limits.HELLO_MESSAGE, Room.NONE);
        DataConnectionAccepted accepted = accepted(frames);
        frames.messageLimit(Limits.MAX_MESSAGE_BINARY);
        AgentConnection service = new AgentConnection(serving, accepted.limits().maxExchanges());
        return new FrameLink(connection, message.connectionId(), frames, role(message, accepted, service), accepted, memory, route.clock());
    }

    private AgentRole role(DataConnectionHello message, DataConnectionAccepted accepted, AgentConnection service) {
        int most = accepted.limits().maxExchangesPerConnection();
        if (resumption == null) {
            return new AgentRole(most, service);
        }
        if (!accepted.features().contains(Features.RESEND)) {
            resumption.neverBegan(message.connectionId());
            return new AgentRole(most, service);
        }
        return new AgentRole(most, service, resumption, message.connectionId());
    }

    private static DataConnectionAccepted accepted(FrameReader frames) throws IOException {
        if (!frames.next() || frames.type() != FrameType.MESSAGE) {
            throw new WireException("the server's first frame is not MESSAGE");
        }
        String text = FrameBuffer.text(frames.array(), frames.offset(), frames.length());
        try {
            if (DataMessage.typeOf(text).equals(DataMessage.ERROR)) {
                throw new WireException(ServerMessage.Error.parse(text).message());
            }
            return DataConnectionAccepted.parse(text);
        } catch (JsonException e) {
            throw new WireException("the server's first message cannot be understood: " + e.getMessage());
        }
    }
}
