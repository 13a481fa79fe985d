package tunnelforge.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The server's end against the JDK's client, which agents use. */
final class JdkClientTest {
    private static final long DEADLINE_SECONDS = 10;

    @Test
    void messagesPingsAndCloseGoBothWays() throws Exception {
        BlockingQueue<String> received = new LinkedBlockingQueue<>();
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                HttpClient client = HttpClient.newHttpClient()) {
            CompletableFuture<List<String>> server = CompletableFuture.supplyAsync(() -> serve(listener), task -> Thread.ofVirtual().start(task));
            URI uri = URI.create("ws://" + listener.getInetAddress().getHostAddress() + ":" + listener.getLocalPort() + "/");
            WebSocket socket = client.newWebSocketBuilder().buildAsync(uri, listener(received)).get(DEADLINE_SECONDS, TimeUnit.SECONDS);

            String large = "\u20ac".repeat(20_000);
            socket.sendText("Hel", false).join();
            socket.sendPing(ByteBuffer.wrap(new byte[] {1, 2})).join();
            socket.sendText("lo", true).join();
            socket.sendText(large, true).join();
            socket.sendBinary(ByteBuffer.wrap(new byte[] {3, 4}), true).join();
            assertEquals("pong 2", received.poll(DEADLINE_SECONDS, TimeUnit.SECONDS));
            assertEquals("Hello", received.poll(DEADLINE_SECONDS, TimeUnit.SECONDS));
            assertEquals(large, received.poll(DEADLINE_SECONDS, TimeUnit.SECONDS));
            assertEquals("binary 2", received.poll(DEADLINE_SECONDS, TimeUnit.SECONDS));
            socket.sendClose(4000, "done").join();
            assertEquals("close 4000 done", received.poll(DEADLINE_SECONDS, TimeUnit.SECONDS));
            assertEquals(List.of("ping 0102", "text Hello", "text " + large, "binary 0304", "close 4000 done"),
                    server.get(DEADLINE_SECONDS, TimeUnit.SECONDS));
        }
    }

    private static WebSocket.Listener listener(BlockingQueue<String> received) {
        return new WebSocket.Listener() {
            private final StringBuilder text = new StringBuilder();

            @Override
            public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
                text.append(data);
                if (last) {
                    received.add(text.toString());
                    text.setLength(0);
                }
                socket.request(1);
                return null;
            }

            @Override
            public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
                received.add("binary " + data.remaining());
                socket.request(1);
                return null;
            }

            @Override
            public CompletionStage<?> onPong(WebSocket socket, ByteBuffer payload) {
                received.add("pong " + payload.remaining());
                socket.request(1);
                return null;
            }

            @Override
            public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
                received.add("close " + code + " " + reason);
                return null;
            }

            @Override
            public void onError(WebSocket socket, Throwable error) {
                received.add(error.toString());
            }
        };
    }

    /** Answers the handshake, gives every message back, and returns what it read. */
    private static List<String> serve(ServerSocket listener) {
        List<String> read = new ArrayList<>();
        try (Socket socket = listener.accept()) {
            String head = head(socket.getInputStream());
            String key = head.lines().filter(line -> line.regionMatches(true, 0, "Sec-WebSocket-Key:", 0, 18)).findFirst().orElseThrow();
            socket.getOutputStream().write(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Accept: " + WebSocketHandshake.accept(key.substring(18).strip()) + "\r\n\r\n")
                    .getBytes(StandardCharsets.ISO_8859_1));
            WebSocketReader reader = new WebSocketReader(socket.getInputStream(), 64 * 1024);
            WebSocketWriter writer = new WebSocketWriter(socket.getOutputStream());
            while (true) {
                WebSocketMessage message = reader.read();
                read.add(Wire.describe(message));
                switch (message) {
                    case WebSocketMessage.Text text -> writer.text(text.text());
                    case WebSocketMessage.Binary binary -> writer.binary(binary.bytes(), 0, binary.bytes().length);
                    case WebSocketMessage.Ping ping -> writer.pong(ping.payload());
                    case WebSocketMessage.Pong pong -> { }
                    case WebSocketMessage.Close close -> {
                        writer.close(close.code(), close.reason());
                        return read;
                    }
                }
            }
        } catch (IOException e) {
            read.add(e.toString());
            return read;
        }
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int b = in.read();
            if (b < 0) {
                throw new IOException("the stream ended inside the head");
            }
            head.append((char) b);
        }
        return head.toString();
    }
}
