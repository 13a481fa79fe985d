package tunnelforge.trials;

import java.io.EOFException;
import java.io.IOException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import tunnelforge.FramePeer;
import tunnelforge.Message;
import tunnelforge.Peer;
import tunnelforge.json.JsonObject;
import tunnelforge.json.JsonReader;
import tunnelforge.server.TestServer;
import tunnelforge.websocket.Role;
import tunnelforge.websocket.WebSocketMessage;
import tunnelforge.websocket.WebSocketReader;
import tunnelforge.websocket.WebSocketWriter;

/** An agent with a tunnel of its own whose data connections the trial plays frame by frame. Its control connection is looked after by a thread. */
final class WireAgent implements AutoCloseable {
    private static final int MAX_MESSAGE_BYTES = 64 * 1024;

    private final Rig rig;
    private final Peer control;
    private final WebSocketReader reader;
    private final WebSocketWriter writer;
    private final String tunnelId;
    private final LinkedBlockingQueue<String> connectionIds = new LinkedBlockingQueue<>();

    /** Registers an https tunnel. */
    WireAgent(Rig rig) throws IOException {
        this.rig = rig;
        control = upgrade("control", "websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                "Sec-WebSocket-Protocol: tunnelforge.v1");
        control.socket().setSoTimeout(0);
        reader = new WebSocketReader(control.in(), MAX_MESSAGE_BYTES, Role.CLIENT);
        writer = new WebSocketWriter(control.out(), Role.CLIENT);
        writer.text("{\"type\":\"register_tunnel\",\"auth_token\":\"" + rig.token() + "\",\"protocol\":\"https\",\"local_port\":0}");
        JsonObject answer = read();
        if (!answer.string("type").equals("tunnel_registered")) {
            throw new IOException(answer.toString());
        }
        tunnelId = answer.string("tunnel_id");
        Thread.ofVirtual().name("wire agent").start(this::control);
    }

    private Peer upgrade(String path, String protocol, String... fields) throws IOException {
        StringBuilder head = new StringBuilder("GET /_tunnelforge/" + path + " HTTP/1.1\r\nHost: " + TestServer.DOMAIN
                + "\r\nConnection: Upgrade\r\nUpgrade: " + protocol + "\r\n");
        for (String field : fields) {
            head.append(field).append("\r\n");
        }
        Peer peer = rig.connect(TestServer.DOMAIN);
        Message answer = peer.send(head + "\r\n").readResponseHead();
        if (answer.status() != 101) {
            throw new IOException("the upgrade was answered by " + answer);
        }
        return peer;
    }

    private JsonObject read() throws IOException {
        while (true) {
            switch (reader.read()) {
                case WebSocketMessage.Text text -> {
                    return JsonReader.parseObject(text.text());
                }
                case WebSocketMessage.Ping ping -> writer.pong(ping.payload());
                case WebSocketMessage.Close close -> throw new EOFException("closed: " + close.reason());
                case WebSocketMessage message -> { }
            }
        }
    }

    private void control() {
        try {
            while (true) {
                JsonObject message = read();
                if (message.string("type").equals("open_data_connection")) {
                    connectionIds.add(message.string("connection_id"));
                }
            }
        } catch (IOException e) {
            // The server has ended it, or the trial has.
        }
    }

    /** A data connection in that encoding, accepted. */
    FramePeer open(String encoding) throws IOException, InterruptedException {
        String id = connectionIds.poll(Peer.LIMIT.toSeconds(), TimeUnit.SECONDS);
        if (id == null) {
            throw new IOException("the server asked for no data connection within " + Peer.LIMIT);
        }
        FramePeer data = new FramePeer(upgrade("data", "tunnelforge.v1"));
        data.hello(tunnelId, id, encoding);
        FramePeer.Frame answer = data.next();
        if (!answer.text().contains("data_connection_accepted")) {
            throw new IOException(answer.toString());
        }
        return data;
    }

    /** Breaks the control connection. */
    @Override
    public void close() throws IOException {
        control.close();
    }
}
