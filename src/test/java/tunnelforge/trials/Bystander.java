package tunnelforge.trials;

import java.io.IOException;
import java.time.Duration;
import tunnelforge.Message;
import tunnelforge.Peer;

/**
 * A visitor who asks for something small at a steady pace. Each answer is timed from the moment its request was due, so a pause counts for every
 * request that it held up. A few come on a new connection: they feel a server that accepts nobody. It has a platform thread of its own, so that
 * nothing else in this JVM holds it up.
 */
final class Bystander {
    private static final long EVERY_NANOS = Duration.ofMillis(50).toNanos();
    private static final int REQUESTS_PER_CONNECTION = 10;
    private static final int PATIENCE_MILLIS = 60_000;

    private final Rig rig;
    private final Figures figures = new Figures();
    private final Thread thread;
    private volatile long end = Long.MAX_VALUE;
    private int failures;
    private String lastFailure;
    private Peer peer;

    private Bystander(Rig rig) {
        this.rig = rig;
        this.thread = Thread.ofPlatform().daemon().name("bystander").start(this::run);
    }

    /** One who visits the rig's https tunnel to its own local service. */
    static Bystander start(Rig rig) {
        return new Bystander(rig);
    }

    /** No request is due from now on. */
    void stop() {
        end = System.nanoTime();
    }

    /** After {@link #stop}: waits for the answers that were due, and returns how long each one took; AssertionError when a request failed. */
    Figures figures() throws InterruptedException {
        thread.join();
        if (failures > 0) {
            throw new AssertionError(failures + " requests of a bystander failed, the last one with " + lastFailure + "; the others: "
                    + (figures.isEmpty() ? "none" : figures));
        }
        return figures;
    }

    private void run() {
        long due = System.nanoTime();
        try {
            for (int i = 0; due < end; i++) {
                for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
                    Thread.sleep(Duration.ofNanos(wait));
                }
                request(i % REQUESTS_PER_CONNECTION == 0, due);
                due += EVERY_NANOS;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            hangUp();
        }
    }

    private void request(boolean newConnection, long due) {
        try {
            if (newConnection || peer == null) {
                hangUp();
                peer = rig.visit();
                peer.socket().setSoTimeout(PATIENCE_MILLIS);
            }
            Message response = peer.send(Rig.request("GET /small")).readResponse();
            if (!response.text().equals(BulkService.SMALL)) {
                throw new IOException("instead of a small answer: " + response);
            }
            figures.add(System.nanoTime() - due);
        } catch (IOException e) {
            failures++;
            lastFailure = e + " after " + (System.nanoTime() - due) / 1_000_000 + " ms";
            hangUp();
        }
    }

    private void hangUp() {
        if (peer != null) {
            try {
                peer.close();
            } catch (IOException e) {
                // It is gone either way.
            }
            peer = null;
        }
    }
}
