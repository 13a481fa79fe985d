package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tunnelforge.websocket.Role;
import tunnelforge.websocket.WebSocketHandshake;
import tunnelforge.websocket.WebSocketMessage;
import tunnelforge.websocket.WebSocketReader;
import tunnelforge.websocket.WebSocketWriter;

/** WebSockets of visitors pass the tunnel; the product does not look into them. */
final class WebSocketThroughTunnelTest {
    private static final int LIMIT = 4 * 1024 * 1024;
    private static TunnelFixture tunnel;

    @BeforeAll
    static void start() throws Exception {
        tunnel = TunnelFixture.start();
    }

    @AfterEach
    void settle() throws IOException {
        tunnel.settle();
    }

    @AfterAll
    static void stop() throws IOException {
        tunnel.close();
    }

    /** A local service that takes the upgrade, echoes text and binary, and answers a close with its code. */
    private static boolean echo(Message request, Peer connection) throws IOException {
        if (!"websocket".equals(request.get("Upgrade"))) {
            ScriptedService.respond(connection, "no WebSocket");
            return true;
        }
        connection.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: "
                + WebSocketHandshake.accept(request.get("Sec-WebSocket-Key")) + "\r\n\r\n");
        WebSocketReader reader = new WebSocketReader(connection.in(), LIMIT, Role.SERVER);
        WebSocketWriter writer = new WebSocketWriter(connection.out(), Role.SERVER);
        while (true) {
            switch (reader.read()) {
                case WebSocketMessage.Text text -> writer.text(text.text());
                case WebSocketMessage.Binary binary -> writer.binary(binary.bytes(), 0, binary.bytes().length);
                case WebSocketMessage.Ping ping -> writer.pong(ping.payload());
                case WebSocketMessage.Pong pong -> { }
                case WebSocketMessage.Close close -> {
                    writer.close(close.code(), close.reason());
                    return false;
                }
            }
        }
    }

    /** Collects what the JDK's client receives. */
    private static final class Received implements WebSocket.Listener {
        private final LinkedBlockingQueue<Object> events = new LinkedBlockingQueue<>();
        private final StringBuilder text = new StringBuilder();
        private final java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                events.add(text.toString());
                text.setLength(0);
            }
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            byte[] piece = new byte[data.remaining()];
            data.get(piece);
            bytes.writeBytes(piece);
            if (last) {
                events.add(bytes.toByteArray());
                bytes.reset();
            }
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            events.add("close " + code + " " + reason);
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            events.add(error);
        }

        Object next() throws InterruptedException {
            return events.poll(10, TimeUnit.SECONDS);
        }
    }

    private WebSocket open(Received received) throws Exception {
        URI uri = URI.create("wss://" + tunnel.authority() + "/socket");
        return tunnel.client().newWebSocketBuilder().buildAsync(uri, received).get(10, TimeUnit.SECONDS);
    }

    @Test
    void textAndBinaryAreEchoedAndTheCloseCodePasses() throws Exception {
        tunnel.service().serve(WebSocketThroughTunnelTest::echo);
        Received received = new Received();
        WebSocket socket = open(received);
        socket.sendText("hello \u00e4\ud83d\ude00", true).get(10, TimeUnit.SECONDS);
        assertEquals("hello \u00e4\ud83d\ude00", received.next());
        byte[] bytes = Bodies.ofSize(1000);
        socket.sendBinary(ByteBuffer.wrap(bytes), true).get(10, TimeUnit.SECONDS);
        assertArrayEquals(bytes, (byte[]) received.next());
        socket.sendClose(4321, "done here").get(10, TimeUnit.SECONDS);
        assertEquals("close 4321 done here", received.next());
    }

    @Test
    void aMegabyteIsEchoed() throws Exception {
        tunnel.service().serve(WebSocketThroughTunnelTest::echo);
        Received received = new Received();
        WebSocket socket = open(received);
        byte[] bytes = Bodies.ofSize(1 << 20);
        socket.sendBinary(ByteBuffer.wrap(bytes), true).get(10, TimeUnit.SECONDS);
        assertArrayEquals(bytes, (byte[]) received.next());
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get(10, TimeUnit.SECONDS);
        assertEquals("close 1000 ", received.next());
    }

    @Test
    void bytesPassUnchangedBothWays() throws Exception {
        tunnel.service().serve(WebSocketThroughTunnelTest::echo);
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /socket", "Connection: keep-alive, Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Extensions: permessage-deflate"));
        Message switching = visitor.readResponse();
        assertEquals(101, switching.status());
        assertEquals("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", switching.get("Sec-WebSocket-Accept"));
        assertEquals("websocket", switching.get("Upgrade"));
        WebSocketWriter writer = new WebSocketWriter(visitor.out(), Role.CLIENT);
        WebSocketReader reader = new WebSocketReader(visitor.in(), LIMIT, Role.CLIENT);
        for (int i = 0; i < 50; i++) {
            writer.text("message " + i);
            assertEquals("message " + i, assertInstanceOf(WebSocketMessage.Text.class, reader.read()).text());
        }
        writer.ping(new byte[] {1, 2, 3});
        assertArrayEquals(new byte[] {1, 2, 3}, assertInstanceOf(WebSocketMessage.Pong.class, reader.read()).payload());
        writer.close(1001, "leaving");
        WebSocketMessage.Close close = assertInstanceOf(WebSocketMessage.Close.class, reader.read());
        assertEquals(1001, close.code());
        assertEquals("leaving", close.reason());
        assertTrue(visitor.atEnd());
    }

    @Test
    void manySocketsAreOpenAtOnceBesidesRequests() throws Exception {
        tunnel.service().serve(WebSocketThroughTunnelTest::echo);
        List<Received> all = new ArrayList<>();
        List<WebSocket> sockets = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            all.add(new Received());
            sockets.add(open(all.get(i)));
        }
        for (int i = 0; i < 20; i++) {
            sockets.get(i).sendText("socket " + i, true).get(10, TimeUnit.SECONDS);
        }
        assertEquals("no WebSocket", tunnel.get("/").text());
        for (int i = 0; i < 20; i++) {
            assertEquals("socket " + i, all.get(i).next());
            sockets.get(i).abort();
        }
    }

    @Test
    void aRefusedUpgradeIsAnOrdinaryResponse() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /socket", "Connection: Upgrade", "Upgrade: websocket"));
        Peer local = tunnel.service().accept();
        assertEquals("websocket", local.readRequest().get("Upgrade"));
        local.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
        Message response = visitor.readResponse();
        assertEquals(403, response.status());
        assertEquals("no", response.text());
        visitor.send(tunnel.head("GET /next"));
        assertEquals("/next", local.readRequest().target());
        ScriptedService.respond(local, "next");
        assertEquals("next", visitor.readResponse().text());
    }

    @Test
    void anUpgradeThatNobodyAskedForIsAnError() throws Exception {
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /"));
        Peer local = tunnel.service().accept();
        local.readRequest();
        local.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");
        Message response = visitor.readResponse();
        assertEquals(502, response.status());
        assertEquals("TF-UPSTREAM-INVALID", response.get("TunnelForge-Error"));
        assertTrue(local.awaitClosed());
    }
}
