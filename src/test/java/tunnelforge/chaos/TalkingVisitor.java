package tunnelforge.chaos;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import tunnelforge.Message;
import tunnelforge.Peer;
import tunnelforge.websocket.Role;
import tunnelforge.websocket.WebSocketHandshake;
import tunnelforge.websocket.WebSocketMessage;
import tunnelforge.websocket.WebSocketReader;
import tunnelforge.websocket.WebSocketWriter;

/** A visitor that talks to an echo, over a WebSocket or a TCP session; begins another when one breaks, as all do whose connection dies. */
final class TalkingVisitor implements Runnable {
    private static final int PATIENCE_MILLIS = 60_000;
    private static final long BETWEEN_WORDS_NANOS = 100_000_000;
    private static final long BEFORE_ANOTHER_NANOS = 100_000_000;
    private static final int MAX_MESSAGE_BYTES = 64 * 1024;

    private final Stage stage;
    private final Tally tally;
    private final boolean webSocket;
    private final int number;
    private final BooleanSupplier going;
    private int said;

    /** @param webSocket false for a TCP session */
    TalkingVisitor(Stage stage, Tally tally, boolean webSocket, int number, BooleanSupplier going) {
        this.stage = stage;
        this.tally = tally;
        this.webSocket = webSocket;
        this.number = number;
        this.going = going;
    }

    /** Says something and returns what came back. */
    private interface Echo {
        String of(String text) throws IOException;
    }

    private String name() {
        return webSocket ? "WebSockets" : "TCP sessions";
    }

    @Override
    public void run() {
        while (going.getAsBoolean()) {
            boolean opened = false;
            try (Peer peer = webSocket ? stage.visit() : tcp()) {
                peer.socket().setSoTimeout(PATIENCE_MILLIS);
                Echo echo = webSocket ? openWebSocket(peer) : text -> peer.send(text).readText(text.length());
                if (echo != null) {
                    // A TCP session is open when its first word has come back.
                    talk(echo);
                    opened = true;
                    talkToTheEnd(echo);
                }
            } catch (IOException | RuntimeException e) {
                tally.session(name() + (opened ? " broken off" : " not opened"));
            }
            LockSupport.parkNanos(BEFORE_ANOTHER_NANOS);
        }
    }

    private Peer tcp() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), stage.tcpPort());
        return new Peer(socket, socket);
    }

    private Echo openWebSocket(Peer peer) throws IOException {
        peer.send("GET /socket HTTP/1.1\r\nHost: " + stage.host() + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                + WebSocketHandshake.newKey() + "\r\n\r\n");
        Message answer = peer.readResponseHead();
        if (answer.status() != 101) {
            tally.session("WebSockets answered " + answer.status() + " " + answer.get("TunnelForge-Error"));
            return null;
        }
        WebSocketReader reader = new WebSocketReader(peer.in(), MAX_MESSAGE_BYTES, Role.CLIENT);
        WebSocketWriter writer = new WebSocketWriter(peer.out(), Role.CLIENT);
        return text -> {
            writer.text(text);
            WebSocketMessage message = reader.read();
            if (message instanceof WebSocketMessage.Text echo) {
                return echo.text();
            }
            throw new IOException("the WebSocket has ended: " + message);
        };
    }

    private void talk(Echo echo) throws IOException {
        String text = name() + " " + number + " " + said++;
        String back = echo.of(text);
        if (!back.equals(text)) {
            tally.wrongEcho("'" + text + "' was echoed as '" + back + "'");
            throw new IOException("a wrong echo");
        }
        tally.session(name() + ": words echoed");
    }

    private void talkToTheEnd(Echo echo) throws IOException {
        tally.session(name() + " opened");
        while (going.getAsBoolean()) {
            LockSupport.parkNanos(BETWEEN_WORDS_NANOS);
            talk(echo);
        }
    }
}
