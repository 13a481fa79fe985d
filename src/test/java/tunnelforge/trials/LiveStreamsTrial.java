package tunnelforge.trials;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import tunnelforge.Peer;
import tunnelforge.websocket.CloseCode;
import tunnelforge.websocket.WebSocketMessage;

/** Server-sent events and WebSockets: each event comes at once, and a minute of silence is no end. */
final class LiveStreamsTrial {
    private static final int EVENTS = 100;
    private static final int BETWEEN_EVENTS_MILLIS = 20;
    /** For all but two in a hundred: other programs of this machine take their share at times. */
    private static final double LATE_MILLIS = 100;
    private static final int SILENCE_SECONDS = 60;

    /** What a visitor has read of a stream, and when. */
    private record Arrival(String text, long nanos) {
    }

    private final LinkedBlockingQueue<Arrival> arrivals = new LinkedBlockingQueue<>();

    @Test
    void eventsArriveAsTheyAreSent() throws Exception {
        try (Rig rig = Rig.start(); Peer listener = rig.visit()) {
            try (Peer stream = listen(rig, listener)) {
                Figures delays = new Figures();
                for (int i = 0; i < EVENTS; i++) {
                    delays.add(delay(stream, "data: event " + i + "\n\n"));
                    // So far apart that one which is held back until the next one comes is late.
                    assertNull(arrivals.poll(BETWEEN_EVENTS_MILLIS, TimeUnit.MILLISECONDS));
                }
                Figures.print("server-sent events: %s", delays);
                assertTrue(delays.percentileMillis(98) < LATE_MILLIS, delays::toString);
            }
        }
    }

    /** Beside the other trials: all it does is wait. */
    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aMinuteOfSilenceEndsNothing() throws Exception {
        try (Rig rig = Rig.start(); Peer listener = rig.visit(); WebSocketVisitor talker = WebSocketVisitor.open(rig)) {
            try (Peer stream = listen(rig, listener)) {
                delay(stream, "data: before the silence\n\n");
                talker.writer().text("before");
                assertEquals("before", talker.text());
                Arrival unexpected = arrivals.poll(SILENCE_SECONDS, TimeUnit.SECONDS);
                assertNull(unexpected, () -> "within the silence came " + unexpected);
                double event = delay(stream, "data: after the silence\n\n") / 1e6;
                long start = System.nanoTime();
                talker.writer().text("after");
                assertEquals("after", talker.text());
                Figures.print("after %d s of silence an event took %.1f ms, a WebSocket's echo %.1f ms", SILENCE_SECONDS, event,
                        (System.nanoTime() - start) / 1e6);
                talker.writer().close(CloseCode.NORMAL, "done");
                assertEquals(CloseCode.NORMAL, assertInstanceOf(WebSocketMessage.Close.class, talker.reader().read()).code());
            }
        }
    }

    /** The local service's end of a stream whose events arrive in {@link #arrivals}. */
    private Peer listen(Rig rig, Peer listener) throws IOException, InterruptedException {
        listener.send(Rig.request("GET /events"));
        assertEquals(200, listener.readResponseHead().status());
        listener.socket().setSoTimeout(0);
        Thread.ofVirtual().start(() -> readEvents(listener));
        return rig.service().nextStream();
    }

    private void readEvents(Peer listener) {
        try {
            while (true) {
                String event = new String(listener.readChunk(), StandardCharsets.UTF_8);
                arrivals.add(new Arrival(event, System.nanoTime()));
            }
        } catch (IOException e) {
            arrivals.add(new Arrival("the end: " + e, System.nanoTime()));
        }
    }

    /** In nanoseconds, from the local service to the visitor. */
    private long delay(Peer stream, String event) throws IOException, InterruptedException {
        long start = System.nanoTime();
        stream.sendChunk(event);
        Arrival arrival = arrivals.poll(10, TimeUnit.SECONDS);
        assertTrue(arrival != null && arrival.text.equals(event), () -> "instead of " + event + " came " + arrival);
        return arrival.nanos - start;
    }
}
