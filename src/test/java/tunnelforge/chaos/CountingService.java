package tunnelforge.chaos;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.CRC32;
import tunnelforge.Message;
import tunnelforge.Peer;
import tunnelforge.websocket.WebSocketHandshake;
import tunnelforge.websocket.WebSocketMessage;
import tunnelforge.websocket.WebSocketReader;
import tunnelforge.websocket.WebSocketWriter;

/**
 * The local service of {@code make chaos}, a program: counts how often it is given each request, from when it has read the head. Prints the ports of HTTP and of a TCP echo.
 *
 * <pre>
 *   GET, POST /length/BYTES/MILLIS    an answer of so many bytes, after so long: {@link #answer}
 *   GET, POST /chunked/BYTES/MILLIS   the same in two chunks
 *   GET /counts                       a digit for each id from 0 on: how often it came, 9 for more
 *   GET /forget                       counts from nothing
 *   GET /socket                       a WebSocket that echoes
 * </pre>
 */
public final class CountingService {
    /** Of a request; a request's body begins with it as well. */
    static final String ID = "Request-Id";

    /** Ids are below this. */
    static final int MAX_IDS = 4_000_000;

    private static final int BACKLOG = 2000;
    private static final int MAX_MESSAGE_BYTES = 64 * 1024;

    private final AtomicIntegerArray counts = new AtomicIntegerArray(MAX_IDS);
    private final AtomicInteger highest = new AtomicInteger(-1);

    private interface Conversation {
        void run(Socket socket) throws IOException;
    }

    private CountingService() {
    }

    /** Serves until its standard input ends: with whoever started it. */
    public static void main(String[] args) throws IOException {
        CountingService service = new CountingService();
        ServerSocket http = listen(service::serve);
        ServerSocket tcp = listen(CountingService::echoBytes);
        System.out.println("http " + http.getLocalPort() + " tcp " + tcp.getLocalPort());
        while (System.in.read() >= 0) {
            // Nothing is said to it.
        }
        System.exit(0);
    }

    private static ServerSocket listen(Conversation conversation) throws IOException {
        ServerSocket listener = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().name("accept").start(() -> {
            try {
                while (true) {
                    Socket socket = listener.accept();
                    Thread.ofVirtual().start(() -> converse(conversation, socket));
                }
            } catch (IOException e) {
                e.printStackTrace();
            }
        });
        return listener;
    }

    private static void converse(Conversation conversation, Socket socket) {
        try (socket) {
            conversation.run(socket);
        } catch (IOException e) {
            // The agent, or the path to it, has gone.
        }
    }

    private static void echoBytes(Socket socket) throws IOException {
        socket.setTcpNoDelay(true);
        socket.getInputStream().transferTo(socket.getOutputStream());
    }

    private void serve(Socket socket) throws IOException {
        Peer peer = new Peer(socket, socket);
        socket.setSoTimeout(0);
        for (String head = peer.readHeadOrNull(); head != null; head = peer.readHeadOrNull()) {
            Message request = new Message(head);
            String[] path = request.target().split("/");
            switch (path[1]) {
                case "length", "chunked" -> work(peer, request, path[1].equals("chunked"), Integer.parseInt(path[2]), Integer.parseInt(path[3]));
                case "counts" -> peer.send(withLength("200 OK", counts()));
                case "forget" -> {
                    for (int last = highest.getAndSet(-1); last >= 0; last--) {
                        counts.set(last, 0);
                    }
                    peer.send(withLength("200 OK", ""));
                }
                case "socket" -> {
                    echoMessages(peer, request);
                    return;
                }
                default -> peer.send(withLength("404 Not Found", ""));
            }
        }
    }

    private void work(Peer peer, Message request, boolean chunked, int bytes, int millis) throws IOException {
        int id = Integer.parseInt(request.get(ID));
        int seen = counts.incrementAndGet(id);
        highest.accumulateAndGet(id, Math::max);
        peer.readBody(request, false);
        LockSupport.parkNanos(millis * 1_000_000L);
        byte[] answer = answer(id, seen, request.body(), bytes);
        if (chunked) {
            int half = answer.length / 2;
            peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n" + ID + ": " + id + "\r\n\r\n");
            peer.sendChunk(new String(answer, 0, half, StandardCharsets.ISO_8859_1));
            peer.sendChunk(new String(answer, half, answer.length - half, StandardCharsets.ISO_8859_1)).send("0\r\n\r\n");
        } else {
            byte[] head = ("HTTP/1.1 200 OK\r\nContent-Length: " + answer.length + "\r\n" + ID + ": " + id + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1);
            byte[] whole = new byte[head.length + answer.length];
            System.arraycopy(head, 0, whole, 0, head.length);
            System.arraycopy(answer, 0, whole, head.length, answer.length);
            peer.send(whole);
        }
    }

    /** What a request is answered with: its id, how often it has come, and the sum of what came as its body, then letters that follow from the id. */
    static byte[] answer(int id, int seen, byte[] body, int bytes) {
        CRC32 sum = new CRC32();
        sum.update(body);
        return filled(id + " " + seen + " " + sum.getValue() + "\n", id, bytes);
    }

    /** The text, and letters behind it up to so many bytes; the text alone where it is longer. */
    static byte[] filled(String text, int id, int bytes) {
        byte[] filled = new byte[Math.max(bytes, text.length())];
        for (int i = 0; i < filled.length; i++) {
            filled[i] = (byte) (i < text.length() ? text.charAt(i) : 'a' + (id + i) % 26);
        }
        return filled;
    }

    private String counts() {
        StringBuilder digits = new StringBuilder();
        for (int id = 0; id <= highest.get(); id++) {
            digits.append((char) ('0' + Math.min(9, counts.get(id))));
        }
        return digits.toString();
    }

    private static String withLength(String status, String text) {
        return "HTTP/1.1 " + status + "\r\nContent-Length: " + text.length() + "\r\n\r\n" + text;
    }

    private static void echoMessages(Peer peer, Message request) throws IOException {
        peer.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: "
                + WebSocketHandshake.accept(request.get("Sec-WebSocket-Key")) + "\r\n\r\n");
        WebSocketReader reader = new WebSocketReader(peer.in(), MAX_MESSAGE_BYTES);
        WebSocketWriter writer = new WebSocketWriter(peer.out());
        while (reader.read() instanceof WebSocketMessage.Text text) {
            writer.text(text.text());
        }
    }
}
