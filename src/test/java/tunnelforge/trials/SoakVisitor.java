package tunnelforge.trials;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import tunnelforge.Message;
import tunnelforge.Peer;
import tunnelforge.websocket.CloseCode;
import tunnelforge.websocket.WebSocketMessage;

/** A visitor of the soak, of any kind: each visit is checked byte by byte. A connection is kept for some visits where the kind allows it. */
final class SoakVisitor implements AutoCloseable {
    /** A complete answer that is not the right one. */
    static final class WrongException extends Exception {
        private static final long serialVersionUID = 1;

        WrongException(String message) {
            super(message);
        }
    }

    /** An error page of the server. */
    static final class RefusedException extends IOException {
        private static final long serialVersionUID = 1;

        RefusedException(String message) {
            super(message);
        }
    }

    /** What a visitor does, over and over. */
    enum Kind {
        GET(6), POST(4), ABORTED(3), STREAMING(3), WEB_SOCKET(4);

        /** How many visitors of this kind there are. */
        final int count;

        Kind(int count) {
            this.count = count;
        }
    }

    private static final int PATIENCE_MILLIS = 30_000;
    private static final int MOST_DOWNLOADED = 400_000;
    private static final int MOST_UPLOADED = 100_000;
    private static final int MOST_CHUNK = 20_000;
    private static final int HUGE = 50_000_000;
    private static final int MOST_BEFORE_ABORT = 1_000_000;
    private static final int TICKS = 20;
    private static final int TICK_MILLIS = 50;
    private static final int MESSAGES = 10;
    private static final int MOST_IN_MESSAGE = 3_000;
    private static final int VISITS_PER_CONNECTION = 10;
    private static final byte[] BODY = body();

    private final Rig rig;
    private final Random random;
    private Peer peer;

    SoakVisitor(Rig rig, long seed) {
        this.rig = rig;
        this.random = new Random(seed);
    }

    private static byte[] body() {
        try {
            return BulkService.body(MOST_DOWNLOADED).readAllBytes();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /**
     * One visit.
     *
     * @throws WrongException when what came is complete and wrong
     * @throws RefusedException when an error page came
     * @throws IOException when the visit broke off, so that it could be seen
     */
    void visit(Kind kind) throws IOException, WrongException {
        switch (kind) {
            case GET -> get();
            case POST -> post();
            case ABORTED -> abort();
            case STREAMING -> stream();
            case WEB_SOCKET -> talk();
        }
    }

    private Peer connection() throws IOException {
        if (peer != null && random.nextInt(VISITS_PER_CONNECTION) == 0) {
            close();
        }
        if (peer == null) {
            peer = rig.visit();
            peer.socket().setSoTimeout(PATIENCE_MILLIS);
        }
        return peer;
    }

    private void get() throws IOException, WrongException {
        int length = random.nextInt(MOST_DOWNLOADED);
        String target = (random.nextBoolean() ? "/length/" : "/chunked/") + length;
        Message answer = connection().send(Rig.request("GET " + target)).readResponse();
        check(target, answer, BODY, length);
    }

    private void post() throws IOException, WrongException {
        byte[] body = new byte[random.nextInt(MOST_UPLOADED)];
        random.nextBytes(body);
        Peer visitor = connection();
        if (random.nextBoolean()) {
            visitor.send(Rig.request("POST /echo", "Content-Length: " + body.length)).send(body);
        } else {
            visitor.send(Rig.request("POST /echo", "Transfer-Encoding: chunked"));
            for (int sent = 0; sent < body.length;) {
                int count = 1 + random.nextInt(Math.min(MOST_CHUNK, body.length - sent));
                visitor.sendChunk(new String(body, sent, count, StandardCharsets.ISO_8859_1));
                sent += count;
            }
            visitor.send("0\r\n\r\n");
        }
        check("/echo of " + body.length + " bytes", visitor.readResponse(), body, body.length);
    }

    private static void check(String what, Message answer, byte[] expected, int length) throws IOException, WrongException {
        checkStatus(what, answer);
        if (!Arrays.equals(answer.body(), 0, answer.body().length, expected, 0, length)) {
            throw new WrongException(what + " brought other bytes: " + answer.body().length + " of them, behind " + answer.head());
        }
    }

    private static void checkStatus(String what, Message answer) throws IOException, WrongException {
        if (answer.has("TunnelForge-Error")) {
            throw new RefusedException(answer.get("TunnelForge-Error"));
        }
        if (answer.status() != 200) {
            throw new WrongException(what + " was answered by " + answer);
        }
    }

    private void abort() throws IOException, WrongException {
        try (Peer visitor = rig.visit()) {
            switch (random.nextInt(3)) {
                case 0 -> {
                    Message answer = visitor.send(Rig.request("GET /length/" + HUGE)).readResponseHead();
                    checkStatus("a huge download", answer);
                    visitor.in().skipNBytes(random.nextInt(MOST_BEFORE_ABORT));
                }
                case 1 -> visitor.send(Rig.request("PUT /digest", "Content-Length: " + HUGE)).send(new byte[random.nextInt(MOST_BEFORE_ABORT)]);
                default -> visitor.send(Rig.request("POST /echo", "Content-Length: 5")).send("hello");
            }
            visitor.reset();
        }
    }

    private void stream() throws IOException, WrongException {
        Peer visitor = connection();
        Message answer = visitor.send(Rig.request("GET /ticks/" + TICKS + "/" + TICK_MILLIS)).readResponseHead();
        if (answer.has("TunnelForge-Error")) {
            visitor.readBody(answer, true);
        }
        checkStatus("a stream", answer);
        StringBuilder expected = new StringBuilder();
        StringBuilder got = new StringBuilder();
        for (int i = 0; i < TICKS; i++) {
            expected.append(BulkService.tick(i));
        }
        for (byte[] chunk = visitor.readChunk(); chunk.length > 0; chunk = visitor.readChunk()) {
            got.append(new String(chunk, StandardCharsets.ISO_8859_1));
        }
        visitor.readLine();
        if (!got.toString().contentEquals(expected)) {
            throw new WrongException("a stream brought " + got);
        }
    }

    private void talk() throws IOException, WrongException {
        try (WebSocketVisitor visitor = WebSocketVisitor.open(rig)) {
            for (int i = 0; i < MESSAGES; i++) {
                byte[] bytes = new byte[random.nextInt(MOST_IN_MESSAGE)];
                random.nextBytes(bytes);
                String message = Base64.getEncoder().encodeToString(bytes);
                visitor.writer().text(message);
                String echo = visitor.text();
                if (!echo.equals(message)) {
                    throw new WrongException("a WebSocket echoed " + echo + " to " + message);
                }
            }
            visitor.writer().close(CloseCode.NORMAL, "");
            if (!(visitor.reader().read() instanceof WebSocketMessage.Close)) {
                throw new WrongException("a WebSocket went on behind its close");
            }
        }
    }

    /** Hangs up; the next visit connects anew. */
    @Override
    public void close() throws IOException {
        if (peer != null) {
            peer.close();
            peer = null;
        }
    }
}
