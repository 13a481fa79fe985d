package tunnelforge.server.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import tunnelforge.server.access.Refusal;
import tunnelforge.Eventually;
import tunnelforge.net.ManualClock;
import tunnelforge.server.access.Presented;

/** Which agent a tunnel has, when several come at the same time and when the tunnel ends. */
final class AgentPresenceTest {
    private static final Runnable NOTHING = () -> { };

    private final AgentPresence presence = new AgentPresence(Duration.ofSeconds(30), new ManualClock());

    private static final class Agent implements AgentHandle {
        private volatile boolean displaced;

        @Override
        public Presented presented() {
            return null;
        }

        @Override
        public InetAddress address() {
            return InetAddress.getLoopbackAddress();
        }

        @Override
        public boolean invite(String connectionId) {
            return true;
        }

        @Override
        public void drain(String reason) {
        }

        @Override
        public void ended(Refusal why) {
            displaced = true;
        }
    }

    /** The second one's invitations were cleared by the first one's beginning, which came late. */
    @Test
    void whatBeginsWithAnAgentIsOverBeforeTheNextOneIsAttached() throws Exception {
        Agent first = new Agent();
        Agent second = new Agent();
        List<String> begun = new CopyOnWriteArrayList<>();
        Thread attaching = new Thread(() -> presence.attach(second, () -> begun.add("second")));
        assertTrue(presence.attach(first, () -> {
            attaching.start();
            Eventually.await("the second one waits, or is through", () -> attaching.getState() == Thread.State.WAITING || attaching.getState() == Thread.State.TERMINATED);
            begun.add("first");
        }));
        attaching.join();
        assertEquals(List.of("first", "second"), begun);
        assertSame(second, presence.agent());
        assertTrue(first.displaced);
    }

    /** Whoever displaced the tunnel had asked for its agent before, and missed the one that came then. */
    @Test
    void theEndFindsTheAgentThatIsThereAndLetsNoOtherCome() {
        assertNull(presence.end());
        assertFalse(presence.attach(new Agent(), NOTHING));
        AgentPresence other = new AgentPresence(Duration.ofSeconds(30), new ManualClock());
        Agent agent = new Agent();
        other.attach(agent, NOTHING);
        assertSame(agent, other.end());
        Agent late = new Agent();
        assertFalse(other.attach(late, NOTHING));
        assertSame(agent, other.agent());
    }
}
