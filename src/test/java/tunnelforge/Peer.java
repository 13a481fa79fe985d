package tunnelforge;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One end of a connection that a test plays byte by byte, be it a visitor or a local service. Text is ISO-8859-1. Every read has a deadline
 * ({@link #LIMIT}); a broken connection is an exception.
 */
public final class Peer implements AutoCloseable {
    /** For one read. */
    public static final Duration LIMIT = Duration.ofSeconds(10);

    private final Socket raw;
    private final Socket top;
    private final InputStream in;
    private final OutputStream out;

    /**
     * @param raw the TCP socket
     * @param top the TLS socket over it, or the same
     */
    public Peer(Socket raw, Socket top) throws IOException {
        this.raw = raw;
        this.top = top;
        raw.setTcpNoDelay(true);
        raw.setSoTimeout((int) LIMIT.toMillis());
        this.in = new BufferedInputStream(top.getInputStream(), 64 * 1024);
        this.out = top.getOutputStream();
    }

    /** For what is not there: the sockets' streams. */
    public InputStream in() {
        return in;
    }

    public OutputStream out() {
        return out;
    }

    public Socket socket() {
        return top;
    }

    /** Sends exactly this; a test writes line ends itself. */
    public Peer send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    public Peer send(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
        return this;
    }

    /** Sends one chunk of the chunked coding. */
    public Peer sendChunk(String data) throws IOException {
        return send(Integer.toHexString(data.length()) + "\r\n" + data + "\r\n");
    }

    /** Up to and with the blank line; null at a clean end of stream before the first byte. */
    public String readHeadOrNull() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int matched = 0; matched < 4;) {
            int b = in.read();
            if (b < 0) {
                if (bytes.size() == 0) {
                    return null;
                }
                throw new EOFException("after " + bytes.toString(StandardCharsets.ISO_8859_1));
            }
            bytes.write(b);
            matched = b == "\r\n\r\n".charAt(matched) ? matched + 1 : b == '\r' ? 1 : 0;
        }
        return bytes.toString(StandardCharsets.ISO_8859_1);
    }

    public String readHead() throws IOException {
        String head = readHeadOrNull();
        if (head == null) {
            throw new EOFException("the peer closed instead of sending a head");
        }
        return head;
    }

    /** Without its CRLF. */
    public String readLine() throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            int b = in.read();
            if (b < 0) {
                throw new EOFException("in the line '" + line + "'");
            }
            if (b == '\n' && !line.isEmpty() && line.charAt(line.length() - 1) == '\r') {
                return line.substring(0, line.length() - 1);
            }
            line.append((char) b);
        }
    }

    public byte[] read(int count) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException("after " + bytes.length + " of " + count + " bytes");
        }
        return bytes;
    }

    /** The next {@code text.length()} characters. */
    public String readText(int count) throws IOException {
        return new String(read(count), StandardCharsets.ISO_8859_1);
    }

    /** All until a clean end of stream. */
    public byte[] readToEnd() throws IOException {
        return in.readAllBytes();
    }

    /** Whether the next thing is a clean end of stream; false for a byte. */
    public boolean atEnd() throws IOException {
        return in.read() < 0;
    }

    /** Reads until the connection ends, in whatever way; true when it was by a clean end of stream. */
    public boolean awaitClosed() {
        try {
            in.skip(Long.MAX_VALUE);
            return in.read() < 0;
        } catch (java.net.SocketTimeoutException e) {
            throw new AssertionError("the connection is still open after " + LIMIT, e);
        } catch (IOException e) {
            return false;
        }
    }

    /** Reads until the connection ends; AssertionError unless that is by an RST. */
    public void awaitReset() {
        try {
            byte[] dropped = new byte[64 * 1024];
            while (in.read(dropped) >= 0) {
                // What came before is of no interest.
            }
        } catch (java.net.SocketTimeoutException e) {
            throw new AssertionError("the connection is still open after " + LIMIT, e);
        } catch (IOException e) {
            if ("Connection reset".equals(e.getMessage())) {
                return;
            }
            throw new AssertionError("not an RST", e);
        }
        throw new AssertionError("a clean end of stream instead of an RST");
    }

    /** Behind an end of stream: sends until the other end is seen to have broken the connection. */
    public void awaitSendFails() {
        long end = System.nanoTime() + LIMIT.toNanos();
        try {
            while (System.nanoTime() - end < 0) {
                out.write(0);
            }
        } catch (IOException e) {
            return;
        }
        throw new AssertionError("the connection still takes bytes");
    }

    /** A request head and its body. */
    public Message readRequest() throws IOException {
        Message request = new Message(readHead());
        readBody(request, false);
        return request;
    }

    /** A request head, without its body. */
    public Message readRequestHead() throws IOException {
        return new Message(readHead());
    }

    /** A response head, without its body. */
    public Message readResponseHead() throws IOException {
        return new Message(readHead());
    }

    /** The next response, informational ones passed over, and its body. */
    public Message readResponse() throws IOException {
        return readResponse("GET");
    }

    public Message readResponse(String method) throws IOException {
        Message response = readResponseHead();
        while (response.status() < 200 && response.status() != 101) {
            response = readResponseHead();
        }
        if (!method.equals("HEAD") && response.status() != 204 && response.status() != 304 && response.status() != 101) {
            readBody(response, true);
        }
        return response;
    }

    /** The body that the head announces; {@code untilClose} where it announces none. */
    public void readBody(Message message, boolean untilClose) throws IOException {
        String coding = message.get("Transfer-Encoding");
        String length = message.get("Content-Length");
        if (coding != null) {
            if (!coding.equals("chunked") || length != null) {
                throw new AssertionError("framing of " + message.head());
            }
            readChunked(message);
        } else if (length != null) {
            message.body(read(Integer.parseInt(length)));
        } else if (untilClose) {
            message.body(readToEnd());
        }
    }

    private void readChunked(Message message) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        byte[] chunk;
        while ((chunk = readChunk()).length > 0) {
            body.write(chunk);
        }
        message.body(body.toByteArray());
        List<String> trailers = new ArrayList<>();
        String line;
        while (!(line = readLine()).isEmpty()) {
            trailers.add(line);
        }
        message.trailers(Message.fields(trailers));
    }

    /** One chunk; empty for the last one, whose trailer section is then still to be read. */
    public byte[] readChunk() throws IOException {
        int size = Integer.parseInt(readLine(), 16);
        byte[] data = read(size);
        if (size > 0 && !Arrays.equals(read(2), new byte[] {'\r', '\n'})) {
            throw new AssertionError("no CRLF behind a chunk");
        }
        return data;
    }

    /** Ends the sending direction. */
    public void finish() throws IOException {
        top.shutdownOutput();
    }

    /** Ends the sending direction of the raw socket, without a goodbye of TLS. */
    public void endRaw() throws IOException {
        raw.shutdownOutput();
    }

    /** Cuts the connection so that the other end sees it broken. */
    public void reset() throws IOException {
        raw.setSoLinger(true, 0);
        raw.close();
    }

    /** Closes the raw socket: an end of stream without TLS's goodbye. */
    @Override
    public void close() throws IOException {
        raw.close();
    }

    /** Says goodbye in TLS where there is TLS, and closes. */
    public void closePolitely() throws IOException {
        top.close();
        raw.close();
    }
}
