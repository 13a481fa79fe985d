package tunnelforge;

import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.FrameReader;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ResetCode;

/** One end of a data connection that a test plays frame by frame, be it the agent's or the server's. */
public final class FramePeer implements AutoCloseable {
    /** A received frame; {@code text} is the payload as ISO-8859-1. */
    public record Frame(int type, int id, String text) {
        @Override
        public String toString() {
            return FrameType.name(type) + " " + id + (text.length() > 200 ? " of " + text.length() + " bytes" : " '" + text + "'");
        }
    }

    /** A frame, and where it came. */
    public record Received(FramePeer peer, Frame frame) {
        /** The next frame of that type on any of the connections; others are passed over. */
        public static Received next(BlockingQueue<Received> all, int type) throws InterruptedException {
            Received received;
            while ((received = all.poll(Peer.LIMIT.toSeconds(), TimeUnit.SECONDS)) != null) {
                if (received.frame.type() == type) {
                    return received;
                }
            }
            throw new AssertionError("no " + FrameType.name(type) + " within " + Peer.LIMIT);
        }

        /** Answers the request that this is. */
        public void answer(String text) throws IOException {
            peer.answer(frame.id(), text);
        }
    }

    /** Puts frames together. */
    public interface Frames {
        void into(FrameBuffer frames);
    }

    private final Peer peer;
    private final FrameReader frames;
    private final CountDownLatch ended = new CountDownLatch(1);

    /** After the upgrade of {@code peer}. */
    public FramePeer(Peer peer) {
        this.peer = peer;
        this.frames = new FrameReader(peer.in(), 128 * 1024, Limits.MAX_MESSAGE_JSON);
    }

    public Peer peer() {
        return peer;
    }

    /** The end of what {@link #into} reads. */
    public CountDownLatch ended() {
        return ended;
    }

    public FramePeer hello(String tunnelId, String connectionId, String encoding) throws IOException {
        return send(frames -> frames.message(0, "{\"type\":\"data_connection\",\"tunnel_id\":\"" + tunnelId + "\",\"connection_id\":\""
                + connectionId + "\",\"encoding\":\"" + encoding + "\"}"));
    }

    /** Like {@link #hello(String, String, String)}, of an agent that knows DONE. */
    public FramePeer helloWithDone(String tunnelId, String connectionId, String encoding) throws IOException {
        return send(frames -> frames.message(0, "{\"type\":\"data_connection\",\"tunnel_id\":\"" + tunnelId + "\",\"connection_id\":\""
                + connectionId + "\",\"encoding\":\"" + encoding + "\",\"features\":[\"done\"]}"));
    }

    /** Sends frames in one write. */
    public FramePeer send(Frames what) throws IOException {
        FrameBuffer buffer = new FrameBuffer(1024);
        what.into(buffer);
        peer.out().write(buffer.array(), 0, buffer.length());
        return this;
    }

    /** A header that may say anything, and a payload that may have any length. */
    public FramePeer sendRaw(long id, int type, int length, byte[] payload) throws IOException {
        byte[] frame = Arrays.copyOf(new byte[] {(byte) (id >> 24), (byte) (id >> 16), (byte) (id >> 8), (byte) id, (byte) type,
            (byte) (length >> 16), (byte) (length >> 8), (byte) length}, Limits.FRAME_HEADER + payload.length);
        System.arraycopy(payload, 0, frame, Limits.FRAME_HEADER, payload.length);
        peer.out().write(frame);
        return this;
    }

    /** A head made of these lines. */
    public FramePeer respond(int id, String... lines) throws IOException {
        byte[] head = (String.join("\r\n", lines) + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1);
        return send(frames -> frames.frame(id, FrameType.RESPONSE, head, 0, head.length));
    }

    public FramePeer data(int id, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        return send(frames -> frames.data(id, bytes, 0, bytes.length));
    }

    public FramePeer end(int id) throws IOException {
        return send(frames -> frames.end(id));
    }

    public FramePeer reset(int id, ResetCode code, String reason) throws IOException {
        return send(frames -> frames.reset(id, code, reason));
    }

    /** Both directions of a session have ended: both sides say DONE. */
    public FramePeer done(int id) throws IOException {
        send(frames -> frames.done(id));
        if (next(FrameType.DONE).id() != id) {
            throw new AssertionError("DONE of another session than " + id);
        }
        return this;
    }

    /** A whole answer with this text. */
    public FramePeer answer(int id, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        byte[] head = ("HTTP/1.1 200 OK\r\nContent-Length: " + bytes.length + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1);
        return send(frames -> {
            frames.frame(id, FrameType.RESPONSE, head, 0, head.length);
            frames.data(id, bytes, 0, bytes.length);
            frames.end(id);
        });
    }

    /** The next frame, whatever it is; null at the end of the stream. */
    public Frame nextOrNull() throws IOException {
        if (!frames.next()) {
            return null;
        }
        return new Frame(frames.type(), frames.id(),
                new String(frames.array(), frames.offset(), frames.length(), StandardCharsets.ISO_8859_1));
    }

    /** The next frame but PING, which is answered. */
    public Frame next() throws IOException {
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
    public FramePeer into(BlockingQueue<Received> all) {
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
    public Frame next(int type) throws IOException {
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
    public int nextRequest() throws IOException {
        int id = next(FrameType.REQUEST).id();
        next(FrameType.END);
        return id;
    }

    /** Fails unless the connection stands: a PING is answered. */
    public FramePeer assertAlive() throws IOException {
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
    public void awaitEnd() throws IOException {
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
