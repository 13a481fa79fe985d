package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Logins that hold for a connection (NTLM, Negotiate): the local service takes whoever comes on a connection for the one who has logged in on it. So it is that visitor's
 * connection's, nobody else's, and ends with it.
 */
final class ConnectionLoginsTest {
    private static TunnelFixture tunnel;

    private final Map<Peer, String> challenged = new ConcurrentHashMap<>();
    private final Map<Peer, String> loggedIn = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<Message> requests = new ConcurrentLinkedQueue<>();

    @BeforeAll
    static void start() throws Exception {
        tunnel = TunnelFixture.start();
    }

    @AfterEach
    void settle() throws IOException {
        tunnel.settle();
    }

    @AfterAll
    static void stop() throws IOException {
        tunnel.close();
    }

    /** Like a service with NTLM: offer, challenge, login in three requests on one connection, which is the user's from then on. */
    private boolean answer(Message request, Peer connection, String scheme) throws IOException {
        requests.add(request);
        String[] authorization = request.has("Authorization") ? request.get("Authorization").split(" ") : null;
        if (authorization == null) {
            if (loggedIn.containsKey(connection)) {
                ScriptedService.respond(connection, loggedIn.get(connection));
            } else {
                unauthorized(connection, "Basic realm=\"a, b\", " + scheme);
            }
        } else if (authorization[1].startsWith("begin-")) {
            challenged.put(connection, authorization[1].substring(6));
            unauthorized(connection, scheme + " challenge-for-" + authorization[1].substring(6));
        } else if (authorization[1].substring(6).equals(challenged.remove(connection))) {
            loggedIn.put(connection, authorization[1].substring(6));
            ScriptedService.respond(connection, loggedIn.get(connection));
        } else {
            connection.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 25\r\n\r\nproof without a challenge");
        }
        return true;
    }

    private static void unauthorized(Peer connection, String challenge) throws IOException {
        connection.send("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: " + challenge + "\r\nContent-Length: 8\r\n\r\nstranger");
    }

    private static String get(Peer visitor, String... lines) throws IOException {
        return visitor.send(tunnel.head("GET /", lines)).readResponse().text();
    }

    private static void login(Peer visitor, String scheme, String user) throws IOException {
        visitor.send(tunnel.head("GET /", "Authorization: " + scheme + " begin-" + user));
        Message challenge = visitor.readResponse();
        assertEquals(scheme + " challenge-for-" + user, challenge.get("WWW-Authenticate"));
        assertEquals(user, get(visitor, "Authorization: " + scheme + " proof-" + user));
    }

    @ParameterizedTest
    @ValueSource(strings = {"NTLM", "Negotiate", "negotiate"})
    void aLoginIsItsVisitorsAndNobodyElses(String scheme) throws Exception {
        tunnel.service().serve((request, connection) -> answer(request, connection, scheme));
        Peer user = tunnel.visitor();
        Peer stranger = tunnel.visitor();
        assertEquals("stranger", get(user));
        login(user, scheme, "alice");
        assertEquals("stranger", get(stranger));
        assertEquals("alice", get(user));
        assertEquals("stranger", get(stranger));
        assertEquals("alice", get(user));
        assertEquals(2, tunnel.service().accepted());
    }

    @Test
    void aLoginGoesOnThoughOthersComeInBetween() throws Exception {
        tunnel.service().serve((request, connection) -> answer(request, connection, "NTLM"));
        Peer alice = tunnel.visitor();
        Peer bob = tunnel.visitor();
        alice.send(tunnel.head("GET /", "Authorization: NTLM begin-alice")).readResponse();
        bob.send(tunnel.head("GET /", "Authorization: NTLM begin-bob")).readResponse();
        assertEquals("stranger", tunnel.get("/").text());
        assertEquals("alice", get(alice, "Authorization: NTLM proof-alice"));
        assertEquals("bob", get(bob, "Authorization: NTLM proof-bob"));
        assertEquals("alice", get(alice));
        assertEquals("bob", get(bob));
    }

    /** Today's first answer is no login yet, but nobody can tell it from the last step of one. */
    @Test
    void aConnectionWhoseAnswerAsksForALoginIsNotShared() throws Exception {
        tunnel.service().serve((request, connection) -> answer(request, connection, "NTLM"));
        get(tunnel.visitor());
        get(tunnel.visitor());
        assertEquals(2, tunnel.service().accepted());
    }

    @Test
    void otherLoginsHoldForARequestAndShareConnections() throws Exception {
        tunnel.service().serveText("ok");
        get(tunnel.visitor(), "Authorization: Basic bmVnb3RpYXRl");
        get(tunnel.visitor(), "Authorization: Bearer NTLM");
        get(tunnel.visitor());
        assertEquals(1, tunnel.service().accepted());
    }

    private enum Leaving { POLITELY, SILENTLY, BROKEN }

    @ParameterizedTest
    @EnumSource(Leaving.class)
    void aLoginEndsWithItsVisitorsConnection(Leaving how) throws Exception {
        Peer user = tunnel.visitor();
        user.send(tunnel.head("GET /", "Authorization: NTLM begin-alice"));
        Peer local = tunnel.service().accept();
        local.readRequest();
        unauthorized(local, "NTLM challenge-for-alice");
        user.readResponse();
        user.send(tunnel.head("GET /", "Authorization: NTLM proof-alice"));
        local.readRequest();
        ScriptedService.respond(local, "alice");
        assertEquals("alice", user.readResponse().text());
        switch (how) {
            case POLITELY -> user.closePolitely();
            case SILENTLY -> user.close();
            case BROKEN -> user.reset();
        }
        local.awaitClosed();
        tunnel.service().serveText("stranger");
        assertEquals("stranger", tunnel.get("/").text());
    }

    @Test
    void theServicesEndOfALoginIsNoErrorButALoginAnew() throws Exception {
        Peer user = tunnel.visitor();
        user.send(tunnel.head("GET /", "Authorization: NTLM begin-alice"));
        Peer local = tunnel.service().accept();
        local.readRequest();
        unauthorized(local, "NTLM challenge-for-alice");
        user.readResponse();
        local.close();
        user.send(tunnel.head("GET /", "Authorization: NTLM proof-alice"));
        Peer another = tunnel.service().accept();
        another.readRequest();
        unauthorized(another, "NTLM");
        assertEquals(401, user.readResponse().status());
    }

    @Test
    void nobodyIsTakenForAnotherUnderLoad() throws Exception {
        tunnel.service().serve((request, connection) -> answer(request, connection, "NTLM"));
        ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
        List<Thread> visitors = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            String user = i % 3 == 0 ? "stranger" : "user" + i;
            visitors.add(Thread.ofVirtual().start(() -> {
                try {
                    for (int round = 0; round < 4; round++) {
                        visit(user, wrong);
                    }
                } catch (IOException | AssertionError e) {
                    wrong.add(user + ": " + e);
                }
            }));
        }
        for (Thread visitor : visitors) {
            visitor.join();
        }
        assertEquals(List.of(), List.copyOf(wrong));
    }

    private static void visit(String user, ConcurrentLinkedQueue<String> wrong) throws IOException {
        try (Peer visitor = tunnel.visitor()) {
            if (!user.equals("stranger")) {
                login(visitor, "NTLM", user);
            }
            for (int i = 0; i < 20; i++) {
                String taken = get(visitor);
                if (!taken.equals(user)) {
                    wrong.add(user + " was served as " + taken);
                }
            }
        }
    }

    @Test
    void theServiceDoesNotSeeTheIdAndNoVisitorNamesAnothersConnection() throws Exception {
        tunnel.service().serve((request, connection) -> answer(request, connection, "NTLM"));
        Peer user = tunnel.visitor();
        login(user, "NTLM", "alice");
        for (Message request : requests) {
            assertNull(request.get("tunnelforge-visitor-connection"));
        }
        assertEquals("stranger", get(tunnel.visitor(), "tunnelforge-visitor-connection: ", "TunnelForge_Visitor_Connection: 1"));
        assertTrue(requests.stream().noneMatch(request -> request.names().stream().anyMatch(name -> name.toLowerCase().contains("visitor"))));
    }
}
