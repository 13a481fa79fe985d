package tunnelforge.trials;

import java.io.IOException;
import tunnelforge.Peer;
import tunnelforge.websocket.Role;
import tunnelforge.websocket.WebSocketHandshake;
import tunnelforge.websocket.WebSocketMessage;
import tunnelforge.websocket.WebSocketReader;
import tunnelforge.websocket.WebSocketWriter;

/** A visitor with a WebSocket to the local service's echo. */
final class WebSocketVisitor implements AutoCloseable {
    private static final int MAX_MESSAGE_BYTES = 1024 * 1024;

    private final Peer peer;
    private final WebSocketReader reader;
    private final WebSocketWriter writer;

    private WebSocketVisitor(Peer peer) {
        this.peer = peer;
        this.reader = new WebSocketReader(peer.in(), MAX_MESSAGE_BYTES, Role.CLIENT);
        this.writer = new WebSocketWriter(peer.out(), Role.CLIENT);
    }

    static WebSocketVisitor open(Rig rig) throws IOException {
        Peer peer = rig.visit();
        peer.send(Rig.request("GET /socket", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: " + WebSocketHandshake.newKey()));
        int status = peer.readResponseHead().status();
        if (status != 101) {
            peer.close();
            throw new IOException("a WebSocket was answered by " + status);
        }
        return new WebSocketVisitor(peer);
    }

    WebSocketWriter writer() {
        return writer;
    }

    WebSocketReader reader() {
        return reader;
    }

    /** The next message, which must be a text. */
    String text() throws IOException {
        WebSocketMessage message = reader.read();
        if (message instanceof WebSocketMessage.Text text) {
            return text.text();
        }
        throw new IOException("instead of a text came " + message);
    }

    @Override
    public void close() throws IOException {
        peer.close();
    }
}
