package tunnelforge.server;

import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import tunnelforge.Message;
import tunnelforge.Peer;
import tunnelforge.TunnelFixture;
import tunnelforge.json.JsonObject;
import tunnelforge.json.JsonReader;
import tunnelforge.websocket.Role;
import tunnelforge.websocket.WebSocketMessage;
import tunnelforge.websocket.WebSocketReader;
import tunnelforge.websocket.WebSocketWriter;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.FrameReader;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ResetCode;

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

    private ManualAgent(TunnelFixture fixture, String encodedOptions, boolean answersPing) throws IOException {
        this.fixture = fixture;
        this.answersPing = answersPing;
        control = openControl(fixture);
        control.socket().setSoTimeout(0);
        reader = new WebSocketReader(control.in(), Limits.CONTROL_MESSAGE, Role.CLIENT);
        writer = new WebSocketWriter(control.out(), Role.CLIENT);
        writer.text("{\"type\":\"register_tunnel\",\"auth_token\":\"" + fixture.server().token()
                + "\",\"protocol\":\"https\",\"local_port\":0" + encodedOptions + "}");
        registered = readText();
        if (!registered.string("type").equals("tunnel_registered")) {
            throw new AssertionError(registered.toString());
        }
        Thread.ofVirtual().name("manual agent").start(this::control);
    }

    /** One that has registered an https tunnel. */
    static ManualAgent register(TunnelFixture fixture) throws IOException {
        return new ManualAgent(fixture, "", true);
    }

    /** One that never answers a WebSocket Ping. */
    static ManualAgent silent(TunnelFixture fixture) throws IOException {
        return new ManualAgent(fixture, "", false);
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

    /** The next connection id that was given out. */
    String invitation() throws InterruptedException {
        String id = invitations.poll(Peer.LIMIT.toSeconds(), TimeUnit.SECONDS);
        if (id == null) {
            throw new AssertionError("no open_data_connection; messages: " + messages);
        }
        return id;
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
    static Data openSilently(TunnelFixture fixture) throws IOException {
        return new Data(upgrade(fixture, DATA));
    }

    /** A data connection in the binary encoding, accepted. */
    Data open() throws IOException, InterruptedException {
        return open("binary");
    }

    /** A data connection in that encoding, accepted. */
    Data open(String encoding) throws IOException, InterruptedException {
        Data data = openSilently(fixture);
        data.hello(tunnelId(), invitation(), encoding);
        Frame answer = data.next();
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

    /** Ends the tunnel. */
    void end() throws IOException {
        writer.text("{\"type\":\"close_tunnel\",\"tunnel_id\":\"" + tunnelId() + "\"}");
    }

    /** A received frame; {@code text} is the payload as ISO-8859-1. */
    record Frame(int type, int id, String text) {
        @Override
        public String toString() {
            return FrameType.name(type) + " " + id + (text.length() > 200 ? " of " + text.length() + " bytes" : " '" + text + "'");
        }
    }

    /** A frame, and where it came. */
    record Received(Data data, Frame frame) {
        /** The next frame of that type on any of the connections; others are passed over. */
        static Received next(BlockingQueue<Received> all, int type) throws InterruptedException {
            Received received;
            while ((received = all.poll(Peer.LIMIT.toSeconds(), TimeUnit.SECONDS)) != null) {
                if (received.frame.type() == type) {
                    return received;
                }
            }
            throw new AssertionError("no " + FrameType.name(type) + " within " + Peer.LIMIT);
        }

        /** Answers the request that this is. */
        void answer(String text) throws IOException {
            data.answer(frame.id(), text);
        }
    }

    /** Puts frames together. */
    interface Frames {
        void into(FrameBuffer frames);
    }

    /** One data connection, by hand. */
    static final class Data implements AutoCloseable {
        private final Peer peer;
        private final FrameReader frames;
        private final CountDownLatch ended = new CountDownLatch(1);

        private Data(Peer peer) {
            this.peer = peer;
            this.frames = new FrameReader(peer.in(), 128 * 1024, Limits.MAX_MESSAGE_JSON);
        }

        Peer peer() {
            return peer;
        }

        /** The end of what {@link #into} reads. */
        CountDownLatch ended() {
            return ended;
        }

        Data hello(String tunnelId, String connectionId, String encoding) throws IOException {
            return send(frames -> frames.message(0, "{\"type\":\"data_connection\",\"tunnel_id\":\"" + tunnelId + "\",\"connection_id\":\""
                    + connectionId + "\",\"encoding\":\"" + encoding + "\"}"));
        }

        /** Sends frames in one write. */
        Data send(Frames what) throws IOException {
            FrameBuffer buffer = new FrameBuffer(1024);
            what.into(buffer);
            peer.out().write(buffer.array(), 0, buffer.length());
            return this;
        }

        /** A header that may say anything, and a payload that may have any length. */
        Data sendRaw(long id, int type, int length, byte[] payload) throws IOException {
            byte[] frame = Arrays.copyOf(new byte[] {(byte) (id >> 24), (byte) (id >> 16), (byte) (id >> 8), (byte) id, (byte) type,
                (byte) (length >> 16), (byte) (length >> 8), (byte) length}, Limits.FRAME_HEADER + payload.length);
            System.arraycopy(payload, 0, frame, Limits.FRAME_HEADER, payload.length);
            peer.out().write(frame);
            return this;
        }

        /** A head made of these lines. */
        Data respond(int id, String... lines) throws IOException {
            byte[] head = (String.join("\r\n", lines) + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1);
            return send(frames -> frames.frame(id, FrameType.RESPONSE, head, 0, head.length));
        }

        Data data(int id, String text) throws IOException {
            byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
            return send(frames -> frames.data(id, bytes, 0, bytes.length));
        }

        Data end(int id) throws IOException {
            return send(frames -> frames.end(id));
        }

        Data reset(int id, ResetCode code, String reason) throws IOException {
            return send(frames -> frames.reset(id, code, reason));
        }

        /** A whole answer with this text. */
        Data answer(int id, String text) throws IOException {
            byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
            byte[] head = ("HTTP/1.1 200 OK\r\nContent-Length: " + bytes.length + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1);
            return send(frames -> {
                frames.frame(id, FrameType.RESPONSE, head, 0, head.length);
                frames.data(id, bytes, 0, bytes.length);
                frames.end(id);
            });
        }

        /** The next frame, whatever it is; null at the end of the stream. */
        Frame nextOrNull() throws IOException {
            if (!frames.next()) {
                return null;
            }
            return new Frame(frames.type(), frames.id(),
                    new String(frames.array(), frames.offset(), frames.length(), StandardCharsets.ISO_8859_1));
        }

        /** The next frame but PING, which is answered. */
        Frame next() throws IOException {
            long end = System.nanoTime() + Peer.LIMIT.toNanos();
            while (System.nanoTime() - end < 0) {
                Frame frame = nextOrNull();
                if (frame == null) {
                    throw new EOFException("the server has closed the data connection");
                }
                if (frame.type() != FrameType.PING) {
                    return frame;
                }
                byte[] payload = frame.text().getBytes(StandardCharsets.ISO_8859_1);
                sendRaw(0, FrameType.PONG, payload.length, payload);
            }
            throw new AssertionError("nothing but PING within " + Peer.LIMIT);
        }

        /** From now on a thread of its own reads, and puts what comes into {@code all}, until the connection ends. */
        Data into(BlockingQueue<Received> all) {
            Thread.ofVirtual().name("manual data").start(() -> {
                try {
                    peer.socket().setSoTimeout(0);
                    for (Frame frame; (frame = nextOrNull()) != null;) {
                        all.add(new Received(this, frame));
                    }
                } catch (IOException e) {
                    // It has ended.
                } finally {
                    ended.countDown();
                }
            });
            return this;
        }

        /** The next frame of that type; WINDOW may be passed over. */
        Frame next(int type) throws IOException {
            Frame frame = next();
            while (frame.type() == FrameType.WINDOW && type != FrameType.WINDOW) {
                frame = next();
            }
            if (frame.type() != type) {
                throw new AssertionError("not " + FrameType.name(type) + " but " + frame);
            }
            return frame;
        }

        /** The id of the next request, whose END has come as well. */
        int nextRequest() throws IOException {
            int id = next(FrameType.REQUEST).id();
            next(FrameType.END);
            return id;
        }

        /** Fails unless the connection stands: a PING is answered. */
        Data assertAlive() throws IOException {
            send(frames -> frames.ping(0x0102030405060708L));
            Frame pong = next();
            while (pong.type() != FrameType.PONG) {
                pong = next();
            }
            if (!pong.text().equals("\1\2\3\4\5\6\7\10")) {
                throw new AssertionError(pong.toString());
            }
            return this;
        }

        /** Reads until the server has ended the connection, in whatever way. */
        void awaitEnd() throws IOException {
            try {
                while (nextOrNull() != null) {
                    // Until the end.
                }
            } catch (java.net.SocketTimeoutException e) {
                throw new AssertionError("the data connection still stands", e);
            } catch (IOException e) {
                // A broken one has ended, too.
            }
        }

        /** Cuts the connection. */
        @Override
        public void close() throws IOException {
            peer.close();
        }
    }
}
