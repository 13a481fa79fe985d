package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import tunnelforge.net.ManualClock;
import tunnelforge.wire.Limits;

/** Visitors that never pause, while every data connection is replaced. */
final class CyclingUnderLoadTest {
    private static final int VISITORS = 8;
    private static final Duration STEP = Duration.ofSeconds(2);
    private static final Duration LONG_ENOUGH = Duration.ofMinutes(12);
    /** In each step every data connection carries some of them, and shows by that that it is alive. */
    private static final int REQUESTS_IN_A_STEP = 60;

    @Test
    void noRequestNoticesThatEveryDataConnectionIsReplaced() throws Exception {
        ManualClock clock = new ManualClock();
        TunnelFixture.Options options = new TunnelFixture.Options().withRelay();
        options.server().clock(clock);
        options.agent().clock(clock);
        try (TunnelFixture tunnel = TunnelFixture.start(options)) {
            tunnel.service().serve((request, connection) -> {
                ScriptedService.respond(connection, request.text());
                return true;
            });
            int atFirst = tunnel.relay().opened();
            assertTrue(atFirst > Limits.POOL_MIN);
            AtomicInteger answered = new AtomicInteger();
            FutureTask<Void> stop = new FutureTask<>(() -> null);
            List<FutureTask<Void>> visitors = new ArrayList<>();
            for (int i = 0; i < VISITORS; i++) {
                FutureTask<Void> visitor = new FutureTask<>(() -> visit(tunnel, answered, stop));
                visitors.add(visitor);
                Thread.ofVirtual().start(visitor);
            }
            for (Duration passed = Duration.ZERO; passed.compareTo(LONG_ENOUGH) < 0; passed = passed.plus(STEP)) {
                int before = answered.get();
                clock.advance(STEP);
                Eventually.await("visitors are answered", () -> answered.get() - before >= REQUESTS_IN_A_STEP || visitors.stream().anyMatch(FutureTask::isDone));
            }
            stop.run();
            for (FutureTask<Void> visitor : visitors) {
                visitor.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS);
            }
            assertEquals(answered.get(), tunnel.service().requests());
            assertTrue(tunnel.relay().opened() - atFirst >= Limits.POOL_MIN, "opened later: " + (tunnel.relay().opened() - atFirst));
        }
    }

    private static Void visit(TunnelFixture tunnel, AtomicInteger answered, FutureTask<Void> stop) throws Exception {
        Peer visitor = tunnel.visitor();
        for (int i = 0; !stop.isDone(); i++) {
            String body = "body " + i;
            Message answer = visitor.send(tunnel.head("POST /", "Content-Length: " + body.length()) + body).readResponse();
            assertEquals(body, answer.text());
            answered.incrementAndGet();
        }
        return null;
    }
}
