package tunnelforge.trials;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A local service whose answers take as long as the trial wants. It drops what it is sent, so that many requests cost this JVM little.
 *
 * <pre>
 *   GET /held      nothing before {@link #release}, then {@link BulkService#SMALL}
 *   GET /stream    a head and a piece at once, then a piece every second; the end after {@link #release}
 *   GET /small     {@link BulkService#SMALL} at once
 * </pre>
 */
final class HoldingService implements AutoCloseable {
    private static final int BACKLOG = 2000;
    private static final int PIECE = 4096;
    private static final int PIECE_EVERY_MILLIS = 1000;
    private static final String HEAD_END = "\r\n\r\n";

    private final ServerSocket listener = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger held = new AtomicInteger();
    private final CountDownLatch released = new CountDownLatch(1);

    HoldingService() throws IOException {
        Thread.ofPlatform().daemon().name("holding service").start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Requests that have come and whose answer has not been sent whole. */
    int held() {
        return held.get();
    }

    /** From now on nothing is held. */
    void release() {
        released.countDown();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                open.add(socket);
                Thread.ofVirtual().name("held request").start(() -> serve(socket));
            }
        } catch (IOException e) {
            // Closed in the end.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            while (true) {
                String target = readTarget(in);
                if (target == null) {
                    return;
                }
                answer(target, socket.getOutputStream());
            }
        } catch (IOException | InterruptedException e) {
            // The agent has closed it.
        } finally {
            open.remove(socket);
        }
    }

    /** Reads a request head; null at the end of the connection. */
    private static String readTarget(InputStream in) throws IOException {
        StringBuilder start = new StringBuilder();
        for (int matched = 0; matched < HEAD_END.length();) {
            int b = in.read();
            if (b < 0) {
                return null;
            }
            if (start.indexOf(" HTTP/") < 0) {
                start.append((char) b);
            }
            matched = b == HEAD_END.charAt(matched) ? matched + 1 : b == '\r' ? 1 : 0;
        }
        return start.toString().split(" ")[1];
    }

    private void answer(String target, OutputStream out) throws IOException, InterruptedException {
        held.incrementAndGet();
        try {
            switch (target) {
                case "/held" -> {
                    released.await();
                    small(out);
                }
                case "/stream" -> stream(out);
                default -> small(out);
            }
        } finally {
            held.decrementAndGet();
        }
    }

    private static void small(OutputStream out) throws IOException {
        send(out, "HTTP/1.1 200 OK\r\nContent-Length: " + BulkService.SMALL.length() + "\r\n\r\n" + BulkService.SMALL);
    }

    private void stream(OutputStream out) throws IOException, InterruptedException {
        String chunk = Integer.toHexString(PIECE) + "\r\n" + "x".repeat(PIECE) + "\r\n";
        send(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        do {
            send(out, chunk);
        } while (!released.await(PIECE_EVERY_MILLIS, TimeUnit.MILLISECONDS));
        send(out, "0\r\n\r\n");
    }

    private static void send(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
