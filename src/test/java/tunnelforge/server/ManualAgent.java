package tunnelforge.server;

import java.io.EOFException;
import java.io.IOException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import tunnelforge.Eventually;
import tunnelforge.FramePeer;
import tunnelforge.Message;
import tunnelforge.Peer;
import tunnelforge.TunnelFixture;
import tunnelforge.json.JsonObject;
import tunnelforge.json.JsonReader;
import tunnelforge.websocket.Role;
import tunnelforge.websocket.WebSocketMessage;
import tunnelforge.websocket.WebSocketReader;
import tunnelforge.websocket.WebSocketWriter;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.Limits;

/**
 * An agent whose data connections the test plays frame by frame. Its control connection is looked after by a thread of its own, which answers Ping
 * and keeps what the server asks for until the test opens the data connections.
 */
final class ManualAgent implements AutoCloseable {
    private static final String CONTROL = "GET /_tunnelforge/control HTTP/1.1\r\nHost: server\r\nConnection: Upgrade\r\n"
            + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            + "Sec-WebSocket-Protocol: tunnelforge.v1\r\n\r\n";
    private static final String DATA = "GET /_tunnelforge/data HTTP/1.1\r\nHost: server\r\nConnection: Upgrade\r\nUpgrade: tunnelforge.v1\r\n\r\n";

    private final TunnelFixture fixture;
    private final Peer control;
    private final WebSocketReader reader;
    private final WebSocketWriter writer;
    private final JsonObject registered;
    private final LinkedBlockingQueue<String> invitations = new LinkedBlockingQueue<>();
    private final LinkedBlockingQueue<JsonObject> messages = new LinkedBlockingQueue<>();
    private final boolean answersPing;

    private ManualAgent(TunnelFixture fixture, String protocol, String more, boolean answersPing) throws IOException {
        this.fixture = fixture;
        this.answersPing = answersPing;
        control = openControl(fixture);
        control.socket().setSoTimeout(0);
        reader = new WebSocketReader(control.in(), Limits.CONTROL_MESSAGE, Role.CLIENT);
        writer = new WebSocketWriter(control.out(), Role.CLIENT);
        writer.text("{\"type\":\"register_tunnel\",\"auth_token\":\"" + fixture.server().token()
                + "\",\"protocol\":\"" + protocol + "\",\"local_port\":0" + more + "}");
        registered = readText();
        if (!registered.string("type").equals("tunnel_registered")) {
            throw new AssertionError(registered.toString());
        }
        Thread.ofVirtual().name("manual agent").start(this::control);
    }

    /** One that has registered an https tunnel. */
    static ManualAgent register(TunnelFixture fixture) throws IOException {
        return new ManualAgent(fixture, "https", "", true);
    }

    /** One that has registered a tunnel of that protocol. */
    static ManualAgent register(TunnelFixture fixture, String protocol) throws IOException {
        return new ManualAgent(fixture, protocol, "", true);
    }

    /** One that has registered an https tunnel with these options, members of a JSON object. */
    static ManualAgent register(TunnelFixture fixture, String protocol, String options) throws IOException {
        return new ManualAgent(fixture, protocol, ",\"options\":{" + options + "}", true);
    }

    /** Takes this one's tunnel up with a new control connection; the old one is displaced. */
    ManualAgent resume() throws IOException {
        return resume("");
    }

    /** The same with other options, members of a JSON object. */
    ManualAgent resume(String options) throws IOException {
        return new ManualAgent(fixture, registered.string("protocol"),
                ",\"options\":{" + options + "},\"tunnel_id\":\"" + tunnelId() + "\",\"resume_token\":\"" + registered.string("resume_token") + "\"", true);
    }

    /** One that never answers a WebSocket Ping. */
    static ManualAgent silent(TunnelFixture fixture) throws IOException {
        return new ManualAgent(fixture, "https", "", false);
    }

    /** A connection on which the upgrade to the control WebSocket has happened, and nothing else. */
    static Peer openControl(TunnelFixture fixture) throws IOException {
        return upgrade(fixture, CONTROL);
    }

    private static Peer upgrade(TunnelFixture fixture, String head) throws IOException {
        Peer peer = fixture.visitor((String) null);
        Message answer = peer.send(head).readResponseHead();
        if (answer.status() != 101) {
            throw new AssertionError(answer.toString());
        }
        return peer;
    }

    private JsonObject readText() throws IOException {
        while (true) {
            switch (reader.read()) {
                case WebSocketMessage.Text text -> {
                    return JsonReader.parseObject(text.text());
                }
                case WebSocketMessage.Ping ping -> {
                    if (answersPing) {
                        writer.pong(ping.payload());
                    }
                }
                case WebSocketMessage.Close close -> throw new EOFException("closed: " + close.reason());
                case WebSocketMessage message -> { }
            }
        }
    }

    private void control() {
        try {
            while (true) {
                JsonObject message = readText();
                if (message.string("type").equals("open_data_connection")) {
                    invitations.add(message.string("connection_id"));
                } else {
                    messages.add(message);
                }
            }
        } catch (IOException e) {
            messages.add(JsonObject.builder().put("type", "ended").put("reason", String.valueOf(e.getMessage())).build());
        }
    }

    String tunnelId() throws IOException {
        return registered.string("tunnel_id");
    }

    String host() throws IOException {
        String url = registered.string("url");
        return url.substring(url.indexOf("//") + 2, url.lastIndexOf(':'));
    }

    /** Of a tcp tunnel. */
    int port() throws IOException {
        String url = registered.string("url");
        return Integer.parseInt(url.substring(url.lastIndexOf(':') + 1));
    }

    /** The next connection id that was given out. */
    String invitation() throws InterruptedException {
        String id = invitations.poll(Peer.LIMIT.toSeconds(), TimeUnit.SECONDS);
        if (id == null) {
            throw new AssertionError("no open_data_connection; messages: " + messages);
        }
        return id;
    }

    /** The server has dealt with all that this agent has sent on its control connection, its Pongs too. */
    void sync() throws IOException, InterruptedException {
        writer.text("{\"type\":\"keep_alive\",\"tunnel_id\":\"" + tunnelId() + "\"}");
        JsonObject answer = message();
        if (answer == null || !answer.string("type").equals("keep_alive")) {
            throw new AssertionError(String.valueOf(answer));
        }
    }

    /** Sends a message on the control connection. */
    void say(String json) throws IOException {
        writer.text(json);
    }

    /** How many connection ids wait to be used. */
    int invited() {
        return invitations.size();
    }

    /** The next message that is no open_data_connection; {@code ended} when the control connection has. */
    JsonObject message() throws InterruptedException {
        return messages.poll(2 * Limits.DEAD_AFTER.toSeconds(), TimeUnit.SECONDS);
    }

    /** A data connection after its upgrade: nothing was said on it. */
    static FramePeer openSilently(TunnelFixture fixture) throws IOException {
        return new FramePeer(upgrade(fixture, DATA));
    }

    /** A data connection in the binary encoding, accepted. */
    FramePeer open() throws IOException, InterruptedException {
        return open("binary");
    }

    /** A data connection in that encoding, accepted. */
    FramePeer open(String encoding) throws IOException, InterruptedException {
        FramePeer data = openSilently(fixture);
        if (registered.string("protocol").startsWith("http")) {
            data.hello(tunnelId(), invitation(), encoding);
        } else {
            data.helloWithDone(tunnelId(), invitation(), encoding);
        }
        FramePeer.Frame answer = data.next();
        if (answer.type() != FrameType.MESSAGE || !answer.text().contains("data_connection_accepted")) {
            throw new AssertionError(answer.toString());
        }
        return data;
    }

    // ---- Visitors. ----

    /** A visitor of this agent's tunnel. */
    Peer visitor() throws IOException {
        return fixture.visitor(host());
    }

    /** A visitor of this agent's tcp tunnel. */
    Peer tcpVisitor() throws IOException {
        return fixture.tcp(port());
    }

    /** A visitor that has sent a request with these lines, each without its line end. */
    Peer visit(String methodAndTarget, String... lines) throws IOException {
        StringBuilder head = new StringBuilder(methodAndTarget).append(" HTTP/1.1\r\nHost: ").append(host()).append("\r\n");
        for (String line : lines) {
            head.append(line).append("\r\n");
        }
        return visitor().send(head.append("\r\n").toString());
    }

    /** Breaks the control connection. */
    @Override
    public void close() throws IOException {
        control.close();
    }

    /** Ends the tunnel. A control connection that is closed with something unread in it would take the message along: so this waits. */
    void end() throws IOException {
        writer.text("{\"type\":\"close_tunnel\",\"tunnel_id\":\"" + tunnelId() + "\"}");
        String name = registered.string("protocol").equals("tcp") ? host() + ':' + port() : host();
        Eventually.await("the tunnel has ended", () -> !fixture.server().hasTunnel(name));
    }
}
