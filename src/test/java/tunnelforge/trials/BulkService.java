package tunnelforge.trials;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import tunnelforge.Message;
import tunnelforge.Peer;
import tunnelforge.websocket.WebSocketHandshake;
import tunnelforge.websocket.WebSocketMessage;
import tunnelforge.websocket.WebSocketReader;
import tunnelforge.websocket.WebSocketWriter;

/**
 * A local service for large bodies and long streams.
 *
 * <pre>
 *   GET /small            a few bytes
 *   GET /length/BYTES     a body with a length; its bytes are those of {@link #body}
 *   GET /chunked/BYTES    the same in chunks
 *   PUT /digest           the SHA-256 of what was sent, in hexadecimal
 *   GET /events           server-sent events, which the test sends ({@link #nextStream})
 *   POST /echo            what was sent
 *   GET /ticks/N/MILLIS   N events, one every so many milliseconds: {@link #tick}
 *   GET /socket           a WebSocket that echoes
 * </pre>
 */
final class BulkService implements AutoCloseable {
    static final String SMALL = "small answer";

    private static final int PIECE = 64 * 1024;
    private static final int BACKLOG = 2000;
    private static final int MAX_MESSAGE_BYTES = 1024 * 1024;
    private static final long SEED = 20260101;

    private final ServerSocket listener;
    private final LinkedBlockingQueue<Peer> streams = new LinkedBlockingQueue<>();
    private final AtomicLong bodyBytesSent = new AtomicLong();

    BulkService(int port) throws IOException {
        listener = new ServerSocket(port, BACKLOG, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().name("bulk service").start(this::run);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Of all bodies of {@code /length} and {@code /chunked} so far: what the sockets have taken. */
    long bodyBytesSent() {
        return bodyBytesSent.get();
    }

    /** The next connection that asked for events, its response head sent; the test sends the chunks. */
    Peer nextStream() throws InterruptedException {
        Peer stream = streams.poll(Peer.LIMIT.toSeconds(), TimeUnit.SECONDS);
        if (stream == null) {
            throw new AssertionError("nobody asked for events within " + Peer.LIMIT);
        }
        return stream;
    }

    private void run() {
        try {
            while (true) {
                Socket socket = listener.accept();
                Thread.ofVirtual().name("bulk request").start(() -> serve(socket));
            }
        } catch (IOException e) {
            // Closed in the end.
        }
    }

    private void serve(Socket socket) {
        try {
            Peer peer = new Peer(socket, socket);
            socket.setSoTimeout(0);
            while (answer(peer.readRequestHead(), peer)) {
                // Connections are kept alive.
            }
        } catch (IOException e) {
            try {
                socket.close();
            } catch (IOException again) {
                // It is gone either way.
            }
        }
    }

    /** False when the connection is no longer HTTP's. */
    private boolean answer(Message request, Peer peer) throws IOException {
        String[] path = request.target().split("/");
        switch (path[1]) {
            case "small" -> text(peer, SMALL);
            case "length" -> {
                long bytes = Long.parseLong(path[2]);
                peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + bytes + "\r\n\r\n");
                sendBody(peer, bytes, false);
            }
            case "chunked" -> {
                peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                sendBody(peer, Long.parseLong(path[2]), true);
                peer.send("0\r\n\r\n");
            }
            case "digest" -> text(peer, hex(digest(peer, request)));
            case "events" -> {
                peer.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
                streams.add(peer);
                return false;
            }
            case "echo" -> {
                peer.readBody(request, false);
                peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + request.body().length + "\r\n\r\n").send(request.body());
            }
            case "ticks" -> ticks(peer, Integer.parseInt(path[2]), Long.parseLong(path[3]));
            case "socket" -> {
                echo(request, peer);
                return false;
            }
            default -> peer.send("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
        }
        return true;
    }

    private static void text(Peer peer, String text) throws IOException {
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + text.length() + "\r\n\r\n" + text);
    }

    private void sendBody(Peer peer, long bytes, boolean chunked) throws IOException {
        try (InputStream body = body(bytes)) {
            byte[] piece = new byte[PIECE];
            for (int count = body.read(piece); count > 0; count = body.read(piece)) {
                sendPiece(peer, piece, count, chunked);
                bodyBytesSent.addAndGet(count);
            }
        }
    }

    private static void ticks(Peer peer, int count, long everyMillis) throws IOException {
        peer.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (int i = 0; i < count; i++) {
            peer.sendChunk(tick(i));
            LockSupport.parkNanos(everyMillis * 1_000_000);
        }
        peer.send("0\r\n\r\n");
    }

    /** The event of that number, from 0. */
    static String tick(int number) {
        return "data: " + number + "\n\n";
    }

    private static MessageDigest digest(Peer peer, Message request) throws IOException {
        MessageDigest digest = sha256();
        if (request.has("Content-Length")) {
            update(digest, peer.in(), Long.parseLong(request.get("Content-Length")));
        } else if (request.has("Transfer-Encoding")) {
            for (byte[] chunk = peer.readChunk(); chunk.length > 0; chunk = peer.readChunk()) {
                digest.update(chunk);
            }
            peer.readLine();
        }
        return digest;
    }

    private static void echo(Message request, Peer peer) throws IOException {
        peer.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: "
                + WebSocketHandshake.accept(request.get("Sec-WebSocket-Key")) + "\r\n\r\n");
        WebSocketReader reader = new WebSocketReader(peer.in(), MAX_MESSAGE_BYTES);
        WebSocketWriter writer = new WebSocketWriter(peer.out());
        while (true) {
            switch (reader.read()) {
                case WebSocketMessage.Text text -> writer.text(text.text());
                case WebSocketMessage.Binary binary -> writer.binary(binary.bytes(), 0, binary.bytes().length);
                case WebSocketMessage.Ping ping -> writer.pong(ping.payload());
                case WebSocketMessage.Pong pong -> { }
                case WebSocketMessage.Close close -> {
                    writer.close(close.code(), close.reason());
                    peer.close();
                    return;
                }
            }
        }
    }

    // ---- Bodies and digests, for visitors too. ----

    /** The first {@code bytes} of a stream that does not repeat. */
    static InputStream body(long bytes) {
        return new InputStream() {
            private final SplittableRandom random = new SplittableRandom(SEED);
            private final byte[] piece = new byte[PIECE];
            private long left = bytes;
            private int used = PIECE;

            @Override
            public int read() {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] dst, int off, int len) {
                if (left == 0) {
                    return -1;
                }
                if (used == PIECE) {
                    random.nextBytes(piece);
                    used = 0;
                }
                int count = (int) Math.min(Math.min(len, PIECE - used), left);
                System.arraycopy(piece, used, dst, off, count);
                used += count;
                left -= count;
                return count;
            }
        };
    }

    /** Sends a part of a body, be it as one chunk. */
    static void sendPiece(Peer peer, byte[] piece, int count, boolean chunked) throws IOException {
        if (chunked) {
            peer.send(Integer.toHexString(count) + "\r\n");
        }
        peer.out().write(piece, 0, count);
        if (chunked) {
            peer.send("\r\n");
        }
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Feeds the next {@code bytes} of a stream into a digest. */
    static void update(MessageDigest digest, InputStream in, long bytes) throws IOException {
        byte[] piece = new byte[PIECE];
        for (long left = bytes; left > 0;) {
            int count = in.read(piece, 0, (int) Math.min(piece.length, left));
            if (count < 0) {
                throw new IOException("the stream ended " + left + " bytes early");
            }
            digest.update(piece, 0, count);
            left -= count;
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
