package tunnelforge.chaos;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import tunnelforge.Message;
import tunnelforge.Peer;

/** A visitor that asks at its own pace over one kept connection, and asks nothing twice. What it could not ask in time it asks later, as fast as it is answered. */
final class HttpVisitor implements Runnable {
    /** The end of the kind of such failures. */
    static final String WITHIN_THE_ANSWER = " within the answer";

    private static final int PATIENCE_MILLIS = 60_000;
    private static final int CONNECT_AGAIN_MILLIS = 100;
    private static final int ONE_IN_SO_MANY_IS_LARGE = 20;
    private static final int ONE_IN_SO_MANY_IS_SLOW = 20;
    private static final int ONE_IN_SO_MANY_IS_CHUNKED = 20;
    private static final int LARGE = 64 * 1024;
    private static final int MOST_BYTES = 4096;
    private static final int MOST_MILLIS = 500;
    private static final byte[] NO_BODY = {};

    private final Stage stage;
    private final Tally tally;
    private final RandomGenerator random;
    private final long everyNanos;
    private final BooleanSupplier going;
    private Peer peer;

    /** Asks once in {@code everyNanos} as long as visitors are {@code going}. */
    HttpVisitor(Stage stage, Tally tally, RandomGenerator random, long everyNanos, BooleanSupplier going) {
        this.stage = stage;
        this.tally = tally;
        this.random = random;
        this.everyNanos = everyNanos;
        this.going = going;
    }

    @Override
    public void run() {
        long due = System.nanoTime() + random.nextLong(everyNanos);
        while (connected()) {
            for (long left; (left = due - System.nanoTime()) > 0;) {
                LockSupport.parkNanos(left);
            }
            ask();
            due += everyNanos;
        }
        hangUp();
    }

    /** Connects where there is no connection; false when the visits are over. */
    private boolean connected() {
        while (going.getAsBoolean() && peer == null) {
            try {
                peer = stage.visit();
                peer.socket().setSoTimeout(PATIENCE_MILLIS);
            } catch (IOException e) {
                tally.session("http connections refused");
                LockSupport.parkNanos(CONNECT_AGAIN_MILLIS * 1_000_000L);
            }
        }
        return going.getAsBoolean();
    }

    private void hangUp() {
        try {
            if (peer != null) {
                peer.close();
            }
        } catch (IOException e) {
            // It is gone either way.
        }
        peer = null;
    }

    private boolean oneIn(int many) {
        return random.nextInt(many) == 0;
    }

    private void ask() {
        int id = tally.ask();
        int bytes = oneIn(ONE_IN_SO_MANY_IS_LARGE) ? LARGE : random.nextInt(MOST_BYTES);
        int millis = oneIn(ONE_IN_SO_MANY_IS_SLOW) ? random.nextInt(MOST_MILLIS) : 0;
        byte[] body = random.nextBoolean() ? NO_BODY
                : CountingService.filled(id + "\n", id, oneIn(ONE_IN_SO_MANY_IS_LARGE) ? LARGE : random.nextInt(MOST_BYTES));
        String request = (body.length == 0 ? "GET" : "POST") + (oneIn(ONE_IN_SO_MANY_IS_CHUNKED) ? " /chunked/" : " /length/") + bytes + "/" + millis + " HTTP/1.1\r\nHost: "
                + stage.host() + "\r\n" + CountingService.ID + ": " + id + "\r\n" + (body.length == 0 ? "" : "Content-Length: " + body.length + "\r\n") + "\r\n";
        long askedAt = System.nanoTime();
        long sentAt = 0;
        Message answer = null;
        try {
            peer.send(request).send(body);
            sentAt = System.nanoTime();
            answer = peer.readResponseHead();
            peer.readBody(answer, true);
            judge(id, body, bytes, askedAt, sentAt, millis, answer);
            if ("close".equalsIgnoreCase(answer.get("Connection"))) {
                hangUp();
            }
        } catch (IOException | AssertionError | RuntimeException e) {
            String where = sentAt == 0 ? " before it was sent whole" : answer == null ? " without an answer" : WITHIN_THE_ANSWER;
            tally.failed(new Tally.Failure(id, kind(e) + where, askedAt, sentAt, System.nanoTime()));
            hangUp();
        }
    }

    private static String kind(Throwable e) {
        return switch (e) {
            case SocketTimeoutException timeout -> "nothing for " + PATIENCE_MILLIS / 1000 + " s";
            case EOFException end -> "closed";
            case IOException io when String.valueOf(io.getMessage()).contains("reset") || String.valueOf(io.getMessage()).contains("Broken pipe") -> "reset";
            case IOException io -> "closed";
            default -> "not HTTP: " + e;
        };
    }

    private void judge(int id, byte[] body, int bytes, long askedAt, long sentAt, int millis, Message answer) {
        long now = System.nanoTime();
        if (answer.status() != 200) {
            String code = answer.get("TunnelForge-Error");
            tally.failed(new Tally.Failure(id, answer.status() + " " + (code == null ? "without a code" : code), askedAt, sentAt, now));
            return;
        }
        // That it is the second run is counted by the local service: here it is a right answer.
        int seen = seen(answer.body());
        if (!String.valueOf(id).equals(answer.get(CountingService.ID)) || !Arrays.equals(answer.body(), CountingService.answer(id, seen, body, bytes))) {
            String text = answer.text();
            tally.wrongAnswer(id + " was answered by " + answer.get(CountingService.ID) + " with " + answer.body().length + " bytes, first "
                    + text.substring(0, Math.min(text.length(), 40)));
            return;
        }
        tally.answered(id, now - askedAt - millis * 1_000_000L);
    }

    /** The second number of an answer; 0 where there is none. */
    private static int seen(byte[] body) {
        int space = 0;
        while (space < body.length && body[space] != ' ') {
            space++;
        }
        int seen = 0;
        for (int i = space + 1; i < body.length && body[i] >= '0' && body[i] <= '9'; i++) {
            seen = seen * 10 + body[i] - '0';
        }
        return seen;
    }
}
