package tunnelforge.mux;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import tunnelforge.wire.Features;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ServerMessage;
import tunnelforge.wire.TunnelError;

/**
 * Whether the peer of a data connection is alive, and how far away it is. A connection on which nothing comes is sent PING, and killed when nothing comes
 * after that either. While a session has the connection for itself nothing is asked, since the peer's reading task may be waiting for the session's other end: there each side says PONG now and
 * then, if both know that, and whoever waits for a byte judges the silence. Afterwards silence counts from the session's end. Any task may call; nothing blocks.
 */
final class Liveness {
    private static final long PING_AFTER_NANOS = Limits.PING_AFTER.toNanos();
    private static final long GIVEN_UP_NANOS = Limits.GIVEN_UP_AFTER.toNanos();
    private static final long MEASURE_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int FIRST_MEASUREMENTS = 4;
    private static final long NOT_SUSPECT = Long.MIN_VALUE;
    /** Answers no PING. */
    private static final long HEARTBEAT = 0;

    private final LinkContext link;
    private final SessionSlot slot;
    /** False where the peer need not, so that its silence means nothing. */
    private final boolean answersPing;
    private final BooleanSupplier idle;
    private final boolean heartbeats;
    private int measurements;
    private volatile long pingSent;
    private volatile long suspectUntil = NOT_SUSPECT;
    /** For the ticker alone. */
    private boolean givenUp;
    private long heartbeatSent;

    /** {@code idle}: whether nothing is waited for on the connection. */
    Liveness(LinkContext link, SessionSlot slot, BooleanSupplier idle) {
        this.link = link;
        this.slot = slot;
        this.answersPing = link.role().hasWindows();
        this.idle = idle;
        this.heartbeats = link.agreed().features().contains(Features.HEARTBEAT);
        this.pingSent = link.clock().nanos();
        this.heartbeatSent = pingSent - PING_AFTER_NANOS;
    }

    /** By the reading task, first of all. */
    void start() throws IOException {
        if (answersPing) {
            measure(link.clock().nanos());
        }
    }

    /** A frame has come; by the reading task. */
    void heard() {
        if (suspectUntil != NOT_SUSPECT) {
            suspectUntil = NOT_SUSPECT;
        }
    }

    /** A PONG has come; by the reading task. One that does not answer the last PING means nothing. */
    void pong(long value) throws IOException {
        if (value != pingSent) {
            return;
        }
        long now = link.clock().nanos();
        link.roundTrip().measured(now - value, now);
        if (++measurements < FIRST_MEASUREMENTS) {
            measure(now);
        }
    }

    /** Sends PING, unless a session has the connection. */
    private void measure(long now) throws IOException {
        FrameBuffer ping = new FrameBuffer(Limits.FRAME_HEADER + Limits.PING_PAYLOAD);
        ping.ping(now);
        pingSent = now;
        link.writer().postUrgent(ping, FrameWriter.By.FLUSH_TASK, slot::isFree);
    }

    /** Adds a PING to what is sent anyhow, when the last is some time ago. */
    void measureWith(FrameBuffer frames) {
        long now = link.clock().nanos();
        if (now - pingSent > MEASURE_EVERY_NANOS) {
            frames.ping(now);
            pingSent = now;
        }
    }

    /** From now on the connection is believed to be dead until a frame comes, which must be within {@code limit}. */
    void suspect(Duration limit) {
        long now = link.clock().nanos();
        suspectUntil = now + limit.toNanos();
        ping(now);
    }

    boolean isSuspect() {
        return suspectUntil != NOT_SUSPECT;
    }

    private void ping(long now) {
        try {
            measure(now);
        } catch (IOException e) {
            link.connection().kill();
        }
    }

    /** What the peer is told has left by the next tick, if anything leaves. */
    private void giveUp() {
        if (!link.role().tellsWhy() || givenUp) {
            link.connection().kill();
            return;
        }
        givenUp = true;
        FrameBuffer why = new FrameBuffer(256);
        why.message(0, ServerMessage.Error.of(TunnelError.PROTOCOL, "nothing has come for " + Limits.DEAD_AFTER.toSeconds() + " s", true).toJson());
        try {
            link.writer().postUrgent(why, FrameWriter.By.FLUSH_TASK, FrameWriter.ALWAYS);
        } catch (IOException e) {
            link.connection().kill();
        }
    }

    /** What a session's peer does not read keeps its heartbeats back as well, but then no heartbeat of this side is needed either: it shows that it is there by what it does not read. */
    private void keepSessionAlive(long now) {
        if (link.connection().waitsForPeer(now) > GIVEN_UP_NANOS) {
            link.connection().kill();
        } else if (now - heartbeatSent > PING_AFTER_NANOS && !link.connection().isWriting()) {
            heartbeatSent = now;
            FrameBuffer heartbeat = new FrameBuffer(Limits.FRAME_HEADER + Limits.PING_PAYLOAD);
            heartbeat.pong(HEARTBEAT);
            try {
                link.writer().postUrgent(heartbeat, FrameWriter.By.FLUSH_TASK, FrameWriter.ALWAYS);
            } catch (IOException e) {
                link.connection().kill();
            }
        }
    }

    void tick(long now) {
        if (givenUp) {
            giveUp();
            return;
        }
        if (!slot.isFree()) {
            if (heartbeats) {
                keepSessionAlive(now);
            }
            return;
        }
        long until = suspectUntil;
        // A peer that need not answer PING may be at work.
        if (until != NOT_SUSPECT && now - until > 0 && (answersPing || idle.getAsBoolean())) {
            link.connection().kill();
            return;
        }
        long silent = Math.min(link.connection().silence(now), now - slot.freeSince());
        if (!answersPing || silent < PING_AFTER_NANOS) {
            return;
        }
        if (silent > GIVEN_UP_NANOS) {
            giveUp();
        } else if (now - pingSent > PING_AFTER_NANOS) {
            ping(now);
        }
    }
}
