package tunnelforge.trials;

import java.io.IOException;
import java.time.Duration;
import tunnelforge.Message;
import tunnelforge.Peer;

/**
 * A visitor who asks for something small at a steady pace. A pause counts for every request that it holds up: those which would have been due
 * while an answer was awaited are taken to have waited from then on. A few come on a new connection: they feel a server that accepts nobody.
 * It has a platform thread of its own, so that nothing else in this JVM holds it up.
 */
final class Bystander {
    private static final long EVERY_NANOS = Duration.ofMillis(50).toNanos();
    private static final int REQUESTS_PER_CONNECTION = 10;
    private static final int PATIENCE_MILLIS = 30_000;

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

    /** After {@link #stop}: waits for the answers that were due, and returns how long each one took; AssertionError when one failed. */
    Figures figures() throws InterruptedException {
        thread.join();
        if (failures > 0) {
            throw new AssertionError(failures + " requests of a bystander failed, the last one with " + lastFailure + "; all: " + figures);
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
                long start = System.nanoTime();
                request(i % REQUESTS_PER_CONNECTION == 0);
                long answered = System.nanoTime();
                for (due = start; due < answered; due += EVERY_NANOS) {
                    figures.add(answered - due);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            hangUp();
        }
    }

    private void request(boolean newConnection) {
        long start = System.nanoTime();
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
        } catch (IOException e) {
            failures++;
            lastFailure = e + " after " + (System.nanoTime() - start) / 1_000_000 + " ms";
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
