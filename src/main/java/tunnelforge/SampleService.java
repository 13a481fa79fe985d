package tunnelforge;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** What {@link Selftest} has served: a page, much of it, the size of an upload, and a WebSocket that sends its first text back. */
final class SampleService implements AutoCloseable {
    static final String HELLO = "hello";
    private static final int MAX_HEAD = 8 * 1024;
    private static final int LARGE = 1_000_000;

    private final ServerSocket listener;

    SampleService() throws IOException {
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().name("sample service").start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                Thread.ofVirtual().name("sample visitor").start(() -> serve(socket));
            } catch (IOException e) {
                // Closed, or the next one may come.
            }
        }
    }

    private static void serve(Socket accepted) {
        try (Socket socket = accepted) {
            InputStream in = socket.getInputStream();
            OutputStream out = socket.getOutputStream();
            String head;
            while (!(head = head(in)).isEmpty()) {
                if (head.startsWith("GET /echo ")) {
                    out.write(text("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                            + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"));
                    echo(in, out);
                    return;
                }
                byte[] body = head.startsWith("POST ") ? text("" + in.readNBytes(LARGE).length) : head.startsWith("GET /large ") ? new byte[LARGE] : text(HELLO);
                out.write(concat(text("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " + body.length + "\r\n\r\n"), body));
            }
        } catch (IOException e) {
            // The agent has closed it.
        }
    }

    /** A masked frame of a short text, and the same unmasked; the mask is all zeros. */
    private static void echo(InputStream in, OutputStream out) throws IOException {
        byte[] start = in.readNBytes(6);
        int length = start[1] & 0x7f;
        out.write(concat(new byte[] {start[0], (byte) length}, in.readNBytes(length)));
    }

    /** Up to and with the empty line; empty at the end of the stream. */
    static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        for (int octet; head.length() < MAX_HEAD && (octet = in.read()) >= 0;) {
            head.append((char) octet);
            if (octet == '\n' && head.toString().endsWith("\r\n\r\n")) {
                return head.toString();
            }
        }
        return "";
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    static byte[] concat(byte[] first, byte[] second) {
        byte[] all = new byte[first.length + second.length];
        System.arraycopy(first, 0, all, 0, first.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
