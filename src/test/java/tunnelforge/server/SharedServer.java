package tunnelforge.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import tunnelforge.Eventually;
import tunnelforge.Message;
import tunnelforge.Peer;
import tunnelforge.TunnelFixture;

/** A server with a tunnel that serves, and is to go on serving whatever an agent beside it does. */
final class SharedServer implements AutoCloseable {
    /** So many requests beside it. */
    private static final int ENOUGH = 20;

    private final TunnelFixture fixture;
    private final long bytesAtRest;

    SharedServer() throws Exception {
        fixture = TunnelFixture.start(new TunnelFixture.Options().grace(Duration.ofSeconds(1)));
        fixture.service().serveText("unharmed");
        try (Beside beside = beside()) {
            beside.awaitServed();
        }
        Eventually.await("nothing is under way", () -> fixture.server().exchanges() == 0);
        awaitAgentsAlone();
        bytesAtRest = fixture.server().memoryUsed();
    }

    TunnelFixture fixture() {
        return fixture;
    }

    Beside beside() throws IOException {
        return new Beside();
    }

    private void awaitAgentsAlone() {
        Eventually.await("connections of the agent alone are left", () -> fixture.server().connections() == 1 + fixture.server().dataConnections());
    }

    /** The other agent has gone: so has what it held. */
    void assertNothingIsKept() {
        Eventually.await("its tunnel has ended", () -> fixture.server().tunnels() == 1);
        Eventually.await(() -> "as much is charged as before, " + bytesAtRest + " bytes: " + fixture.server().memoryUsed(), Eventually.LIMIT,
                () -> fixture.server().memoryUsed() == bytesAtRest);
        awaitAgentsAlone();
    }

    /** A visitor of the tunnel beside, who asks for something all the time. */
    final class Beside implements AutoCloseable {
        private final Peer visitor = fixture.visitor();
        private final AtomicInteger served = new AtomicInteger();
        private final Thread task = Thread.ofVirtual().start(this::ask);
        private volatile boolean stops;
        private volatile String failure;

        Beside() throws IOException {
        }

        private void ask() {
            try {
                while (!stops) {
                    Message answer = visitor.send(fixture.head("GET /")).readResponse();
                    if (answer.status() != 200 || !answer.text().equals("unharmed")) {
                        failure = answer.toString();
                        return;
                    }
                    served.incrementAndGet();
                }
            } catch (IOException e) {
                failure = e.toString();
            }
        }

        void awaitServed() {
            int before = served.get();
            Eventually.await(() -> "the tunnel beside serves; " + failure, Eventually.LIMIT, () -> failure != null || served.get() >= before + ENOUGH);
            assertEquals(null, failure);
        }

        @Override
        public void close() throws Exception {
            stops = true;
            task.join();
            visitor.close();
            assertEquals(null, failure);
        }
    }

    @Override
    public void close() throws IOException {
        fixture.close();
    }
}
