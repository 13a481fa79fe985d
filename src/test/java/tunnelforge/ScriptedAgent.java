package tunnelforge;

import java.io.IOException;
import tunnelforge.json.JsonObject;
import tunnelforge.json.JsonReader;
import tunnelforge.websocket.Role;
import tunnelforge.websocket.WebSocketMessage;
import tunnelforge.websocket.WebSocketReader;
import tunnelforge.websocket.WebSocketWriter;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.FrameReader;

/** An agent's side of the protocol, played by the test message by message. Ping is answered on the way. */
final class ScriptedAgent {
    private static final int LIMIT = 128 * 1024;

    private final TunnelFixture fixture;
    private final Peer connection;
    private final WebSocketReader reader;
    private final WebSocketWriter writer;

    /** A data connection after its upgrade. */
    record Data(Peer connection, FrameReader frames) {
        void send(FrameBuffer buffer) throws IOException {
            connection.out().write(buffer.array(), 0, buffer.length());
        }

        /** The first frame of a data connection. */
        Data hello(String tunnelId, String connectionId, String encoding) throws IOException {
            return message(0, "{\"type\":\"data_connection\",\"tunnel_id\":\"" + tunnelId + "\",\"connection_id\":\"" + connectionId
                    + "\",\"encoding\":\"" + encoding + "\"}");
        }

        Data message(int id, String json) throws IOException {
            FrameBuffer buffer = new FrameBuffer(256);
            buffer.message(id, json);
            send(buffer);
            return this;
        }

        /** The next frame, which is to be a MESSAGE. */
        JsonObject nextMessage() throws IOException {
            if (!frames.next()) {
                throw new java.io.EOFException("the data connection has ended");
            }
            if (frames.type() != 0) {
                throw new AssertionError("a frame of type " + frames.type());
            }
            return JsonReader.parseObject(FrameBuffer.text(frames.array(), frames.offset(), frames.length()));
        }
    }

    /** Opens a control connection. */
    ScriptedAgent(TunnelFixture fixture) throws IOException {
        this.fixture = fixture;
        connection = fixture.visitor((String) null);
        connection.send("GET /_tunnelforge/control HTTP/1.1\r\nHost: server\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: tunnelforge.v1\r\n\r\n");
        Message answer = connection.readResponseHead();
        if (answer.status() != 101) {
            throw new AssertionError(answer.toString());
        }
        reader = new WebSocketReader(connection.in(), LIMIT, Role.CLIENT);
        writer = new WebSocketWriter(connection.out(), Role.CLIENT);
    }

    /** The bytes of the control connection. */
    Peer connection() {
        return connection;
    }

    WebSocketWriter writer() {
        return writer;
    }

    ScriptedAgent send(String json) throws IOException {
        writer.text(json);
        return this;
    }

    /** {@code register_tunnel} with the right token and {@code more} fields, such as {@code "options":{}}. */
    ScriptedAgent sendRegister(String... more) throws IOException {
        return send("{\"type\":\"register_tunnel\",\"auth_token\":\"" + fixture.server().token() + "\",\"protocol\":\"https\",\"local_port\":0"
                + (more.length == 0 ? "" : "," + String.join(",", more)) + "}");
    }

    /** Registers; returns {@code tunnel_registered}. */
    JsonObject register(String... more) throws IOException {
        sendRegister(more);
        return next("tunnel_registered");
    }

    /** The next text message. */
    JsonObject next() throws IOException {
        while (true) {
            switch (reader.read()) {
                case WebSocketMessage.Text text -> {
                    return JsonReader.parseObject(text.text());
                }
                case WebSocketMessage.Ping ping -> writer.pong(ping.payload());
                case WebSocketMessage.Close close -> throw new AssertionError("closed with " + close.code() + " " + close.reason());
                case WebSocketMessage message -> { }
            }
        }
    }

    /** The next message of this type; {@code open_data_connection} is passed over. */
    JsonObject next(String type) throws IOException {
        while (true) {
            JsonObject message = next();
            if (message.string("type").equals(type)) {
                return message;
            }
            if (!message.string("type").equals("open_data_connection")) {
                throw new AssertionError("not " + type + " but " + message);
            }
        }
    }

    /** Reads until the server closes; the code of its Close. */
    int awaitClose() throws IOException {
        while (true) {
            if (reader.read() instanceof WebSocketMessage.Close close) {
                return close.code();
            }
        }
    }

    /** Opens a data connection, up to its upgrade. */
    Data openData() throws IOException {
        return openData(fixture);
    }

    static Data openData(TunnelFixture fixture) throws IOException {
        Peer data = fixture.visitor((String) null);
        data.send("GET /_tunnelforge/data HTTP/1.1\r\nHost: server\r\nConnection: Upgrade\r\nUpgrade: tunnelforge.v1\r\n\r\n");
        Message answer = data.readResponseHead();
        if (answer.status() != 101) {
            throw new AssertionError(answer.toString());
        }
        return new Data(data, new FrameReader(data.in(), LIMIT, LIMIT));
    }
}
