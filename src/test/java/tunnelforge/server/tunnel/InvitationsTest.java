package tunnelforge.server.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import tunnelforge.net.ManualClock;

final class InvitationsTest {
    /** Each visitor that came while the agent was away made as many ids as visitors waited. */
    @Test
    void anAgentThatIsAwayIsAskedOnceHoweverManyAreMissing() {
        AtomicInteger asked = new AtomicInteger();
        Invitations invitations = new Invitations(id -> {
            asked.incrementAndGet();
            return false;
        }, new SecureRandom(), new ManualClock());
        invitations.ask(() -> 500);
        assertEquals(1, asked.get());
        assertEquals(0, invitations.outstanding());
    }
}
