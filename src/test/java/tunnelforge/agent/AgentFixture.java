package tunnelforge.agent;

import java.io.IOException;
import java.security.GeneralSecurityException;
import tunnelforge.Eventually;
import tunnelforge.FramePeer;
import tunnelforge.Peer;
import tunnelforge.ScriptedService;
import tunnelforge.json.JsonObject;
import tunnelforge.net.ManualClock;

/** An agent between a server and a local service that are both played by the test. {@link #close} fails when anything is left in the agent. */
final class AgentFixture implements AutoCloseable {
    final ManualServer server = new ManualServer();
    final ScriptedService service = new ScriptedService();
    final TestAgent agent;
    ManualServer.Control control;

    /** Of an https tunnel. */
    AgentFixture() throws IOException, GeneralSecurityException, InterruptedException {
        this("https");
    }

    AgentFixture(String protocol) throws IOException, GeneralSecurityException, InterruptedException {
        this(protocol, null);
    }

    /** {@code clock}: by which the agent judges all limits; null for the system's. */
    AgentFixture(String protocol, ManualClock clock) throws IOException, GeneralSecurityException, InterruptedException {
        this(protocol, clock, 0);
    }

    /** {@code port}: where the local service is; 0 for {@link #service}. */
    AgentFixture(String protocol, ManualClock clock, int port) throws IOException, GeneralSecurityException, InterruptedException {
        agent = server.startAgent(port == 0 ? service.port() : port, new TestAgent.Options().protocol(protocol).clock(clock));
        control = server.control();
        JsonObject register = control.next("register_tunnel");
        if (!register.string("auth_token").equals("tf_test")) {
            throw new AssertionError(register.toString());
        }
        control.registered("t");
        agent.url();
    }

    /** An accepted data connection; an agent to which none came for long may have registered anew. */
    FramePeer open() throws IOException, InterruptedException {
        while (server.controls() > 0) {
            control = server.control();
            control.next("register_tunnel");
            control.registered("t");
        }
        return control.openData();
    }

    /** The local service's end of the next connection on which something comes: one that an exchange of an earlier test gave up may still be in the backlog. */
    Peer local() throws InterruptedException, IOException {
        while (true) {
            Peer local = service.accept();
            local.in().mark(1);
            if (local.in().read() >= 0) {
                local.in().reset();
                return local;
            }
        }
    }

    /** Between two tests: nothing may be left of any exchange. */
    void settle() throws IOException {
        service.reset();
        Eventually.await(() -> agent.budgetUsed() + " bytes are reserved", Eventually.LIMIT, () -> agent.budgetUsed() == 0);
    }

    @Override
    public void close() throws IOException {
        settle();
        agent.stop();
        server.close();
        service.close();
        agent.close();
        if (agent.liveTasks() != 0 || agent.tickerSize() != 0 || agent.budgetUsed() != 0) {
            throw new AssertionError("left in the agent: " + agent.liveTasks() + " tasks, " + agent.tickerSize() + " under the ticker, "
                    + agent.budgetUsed() + " bytes");
        }
        if (!agent.log().entries("internal_error").isEmpty()) {
            throw new AssertionError("bugs: " + agent.log().entries("internal_error"));
        }
    }
}
