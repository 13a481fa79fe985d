package tunnelforge.server.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tunnelforge.Eventually;
import tunnelforge.Message;
import tunnelforge.Peer;
import tunnelforge.log.Log;
import tunnelforge.log.RecordingLog;
import tunnelforge.net.Connection;
import tunnelforge.net.Ledger;
import tunnelforge.net.Listener;
import tunnelforge.net.ManualClock;
import tunnelforge.net.Tasks;
import tunnelforge.net.Ticker;
import tunnelforge.server.access.Figures;
import tunnelforge.server.access.Refusal;
import tunnelforge.server.access.Shares;
import tunnelforge.server.access.TurnedAway;
import tunnelforge.server.tunnel.TunnelView;
import tunnelforge.server.tunnel.Visitors;
import tunnelforge.wire.TunnelError;

/** Who makes room for whom when there is little of it: real connections, and a test that moves the time. */
final class CallersTest {
    private static final int MOST = 16;
    private static final int MIN_RATE = 256;
    /** So many an address may always have. */
    private static final int FEW = 6;
    private static final String ONE = "127.0.0.1";
    private static final String ANOTHER = "127.0.0.2";
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final RecordingLog log = new RecordingLog();
    private final Tasks tasks = new Tasks(log.log());
    private final ManualClock clock = new ManualClock();
    private final Ticker ticker = clock.ticker(tasks, log.log());
    private final Shares shares = new Shares();
    private final Ledger memory = new Ledger(Long.MAX_VALUE);
    private final Ledger sessionMemory = new Ledger(Long.MAX_VALUE);
    private final TurnedAway turnedAway = new TurnedAway("visitors_refused", "visitors", ticker, log.log());
    private final Callers callers = new Callers(shares, MOST, memory, sessionMemory, MIN_RATE, ticker, turnedAway);
    private final LinkedBlockingQueue<Caller> came = new LinkedBlockingQueue<>();
    private final Map<Caller, Visitors> occupied = new ConcurrentHashMap<>();
    private final List<Socket> visitors = new ArrayList<>();
    private Listener listener;

    @BeforeEach
    void start() throws IOException {
        listener = new Listener("visitor", InetAddress.getLoopbackAddress(), 0, 10 * MOST, tasks, ticker, memory, log.log());
        listener.start(connection -> callers.serve(connection, caller -> {
            came.add(caller);
            drop(caller.connection());
            Visitors tunnel = occupied.get(caller);
            if (tunnel != null) {
                TunnelView.leave(tunnel, caller.share());
            }
        }, refused -> Http1Connection.refuse(refused, Figures.begin(clock), null)));
    }

    /** Reads to the end. */
    private static void drop(Connection connection) {
        try {
            while (connection.in().read() >= 0) {
                // It is for nobody.
            }
        } catch (IOException e) {
            // It was killed.
        }
    }

    @AfterEach
    void stop() throws Exception {
        listener.close();
        for (Socket visitor : visitors) {
            visitor.close();
        }
        assertTrue(tasks.awaitNone(Eventually.LIMIT));
        callers.close();
        turnedAway.close();
        ticker.close();
        assertEquals(0, shares.size());
    }

    private Socket connect(String from) throws IOException {
        Socket socket = new Socket();
        socket.bind(new InetSocketAddress(from, 0));
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), listener.port()));
        socket.setSoTimeout((int) Eventually.LIMIT.toMillis());
        visitors.add(socket);
        return socket;
    }

    private static Peer peer(Socket socket) throws IOException {
        return new Peer(socket, socket);
    }

    private Caller caller(String from) throws Exception {
        connect(from);
        Caller caller = came.poll(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS);
        assertNotNull(caller, "no connection from " + from + " is served");
        return caller;
    }

    private List<Caller> silent(String from, int count) throws Exception {
        List<Caller> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(caller(from));
        }
        return all;
    }

    private static boolean isOpen(Caller caller) {
        return !caller.connection().killed();
    }

    private static long open(List<Caller> of) {
        return of.stream().filter(CallersTest::isOpen).count();
    }

    @Test
    void whileHalfIsFreeTheSilentStay() throws Exception {
        List<Caller> silent = silent(ONE, MOST / 2);
        clock.advance(Duration.ofMinutes(2));
        assertEquals(MOST / 2, open(silent));
    }

    @Test
    void whenMoreThanHalfIsTakenThoseGoThatWereSilentForLongest() throws Exception {
        List<Caller> first = silent(ONE, 2);
        clock.advance(SECOND);
        List<Caller> later = silent(ONE, MOST / 2);
        clock.advance(Duration.ofSeconds(3));
        assertEquals(2, open(first), "within five seconds");
        clock.advance(SECOND);
        assertEquals(0, open(first));
        clock.advance(Duration.ofMinutes(2));
        assertEquals(MOST / 2, open(later));
    }

    @Test
    void thoseOfWhomItIsKnownWhatTheyWantStay() throws Exception {
        List<Caller> known = silent(ONE, 10);
        known.forEach(Caller::isKnown);
        List<Caller> silent = silent(ANOTHER, 2);
        clock.advance(Duration.ofMinutes(2));
        assertEquals(10, open(known));
        assertEquals(0, open(silent));
    }

    @Test
    void anAddressThatHasItsShareGetsAnotherInPlaceOfItsOldestSilentOne() throws Exception {
        List<Caller> all = silent(ONE, 1);
        clock.advance(SECOND);
        all.addAll(silent(ONE, 11));
        clock.advance(Duration.ofMillis(250));
        assertEquals(12, open(all));
        Caller newcomer = caller(ONE);
        assertFalse(isOpen(all.getFirst()));
        assertEquals(11, open(all));
        assertTrue(isOpen(newcomer));
    }

    @Test
    void anAddressThatHasItsShareAndIsServedWithAllOfItIsRefusedMoreButAnotherIsNot() throws Exception {
        List<Caller> known = silent(ONE, 12);
        known.forEach(Caller::isKnown);
        Message refusal = peer(connect(ONE)).readResponse();
        assertEquals(429, refusal.status());
        assertEquals("TF-RATE-LIMITED", refusal.get("TunnelForge-Error"));
        assertEquals("5", refusal.get("Retry-After"));
        log.await("connection_refused", Eventually.LIMIT);
        assertTrue(isOpen(caller(ANOTHER)));
    }

    @Test
    void whoComesThroughALoadBalancerIsCountedByTheAddressThatItTells() throws Exception {
        LinkedBlockingQueue<Caller> served = new LinkedBlockingQueue<>();
        AtomicInteger last = new AtomicInteger();
        try (Listener balanced = new Listener("visitor", InetAddress.getLoopbackAddress(), 0, MOST, tasks, ticker, memory, log.log())) {
            balanced.start(connection -> {
                connection.relayedFor(new InetSocketAddress("192.0.2." + last.incrementAndGet(), 1), connection.local());
                callers.serve(connection, caller -> {
                    caller.isKnown();
                    served.add(caller);
                    drop(connection);
                });
            });
            for (int i = 0; i < MOST; i++) {
                visitors.add(new Socket(InetAddress.getLoopbackAddress(), balanced.port()));
            }
            Eventually.await("all are served", () -> served.size() == MOST);
            assertEquals(MOST, shares.size());
        }
    }

    @Test
    void whoTurnsOutToBeAnAgentIsNotCounted() throws Exception {
        for (int i = 0; i < 3 * MOST; i++) {
            caller(ONE).isAgent();
        }
        clock.advance(Duration.ofMinutes(2));
        assertEquals(0, shares.size());
        assertTrue(isOpen(caller(ONE)));
    }

    @Test
    void ofASmallMemoryNoAddressGetsMoreThanThreeQuarters() throws Exception {
        Ledger small = new Ledger(8L * Listener.CONNECTION_BYTES);
        try (Callers few = new Callers(shares, MOST, small, small, 0, ticker, turnedAway);
                Listener other = new Listener("visitor", InetAddress.getLoopbackAddress(), 0, MOST, tasks, ticker, small, log.log())) {
            LinkedBlockingQueue<Caller> served = new LinkedBlockingQueue<>();
            other.start(connection -> few.serve(connection, caller -> {
                caller.isKnown();
                served.add(caller);
                drop(connection);
            }));
            for (int i = 0; i < 7; i++) {
                visitors.add(new Socket(InetAddress.getLoopbackAddress(), other.port()));
            }
            log.await("connection_refused", Eventually.LIMIT);
            Eventually.await("six are served", () -> served.size() == 6);
        }
    }

    // ---- Sessions. ----

    private List<Caller> sessions(int addresses) throws Exception {
        List<Caller> sessions = new ArrayList<>();
        for (int i = 1; i <= addresses; i++) {
            Caller session = caller("127.0.0." + i);
            session.becomesSession();
            sessions.add(session);
        }
        return sessions;
    }

    private static TunnelError refusal(Caller caller) {
        return assertThrows(Refusal.class, caller::becomesSession).error();
    }

    @Test
    void sessionsOfManyAddressesLeaveHalfOfTheConnectionsToOthers() throws Exception {
        List<Caller> sessions = sessions(MOST / 2);
        Caller tooMany = caller("127.0.1.1");
        assertEquals(TunnelError.OVERLOADED, refusal(tooMany));
        visitors.getLast().close();
        List<Caller> others = silent("127.0.2.1", FEW);
        others.forEach(Caller::isKnown);
        assertEquals(FEW, open(others));
        assertEquals(MOST / 2, open(sessions));
        visitors.getFirst().close();
        Eventually.await("one has left", () -> !isOpen(sessions.getFirst()));
        caller("127.0.1.2").becomesSession();
    }

    @Test
    void sessionsOfOneAddressLeaveSomeToAnother() throws Exception {
        for (Caller each : silent(ONE, FEW)) {
            each.becomesSession();
        }
        assertEquals(TunnelError.RATE_LIMITED, refusal(caller(ONE)));
        caller(ANOTHER).becomesSession();
    }

    @Test
    void whileTheSessionsMemoryIsTakenAnAddressHasAFewSessions() throws Exception {
        Ledger taken = new Ledger(1_000_000);
        assertTrue(taken.tryReserve(1_000_000));
        try (Callers many = new Callers(shares, 10 * MOST, memory, taken, 0, ticker, turnedAway);
                Listener other = new Listener("tcp visitor", InetAddress.getLoopbackAddress(), 0, 10 * MOST, tasks, ticker, memory, log.log())) {
            LinkedBlockingQueue<String> became = new LinkedBlockingQueue<>();
            other.start(connection -> many.serve(connection, caller -> {
                try {
                    caller.becomesSession();
                    became.add("a session");
                } catch (Refusal e) {
                    became.add(e.error().name());
                }
                drop(connection);
            }));
            for (int i = 1; i <= FEW + 1; i++) {
                visitors.add(new Socket(InetAddress.getLoopbackAddress(), other.port()));
                assertEquals(i <= FEW ? "a session" : "RATE_LIMITED", became.poll(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS));
            }
        }
    }

    // ---- Slow ones. ----

    /** What a caller is said to do. */
    private record Doing(Visitors among, boolean bodyComes, boolean answerGoes) implements Caller.Occupied {
        @Override
        public boolean giveUpBody() {
            return false;
        }
    }

    private List<Caller> occupying(Visitors tunnel, int count, boolean body, boolean answer) throws Exception {
        List<Caller> all = silent(ONE, count);
        for (Caller each : all) {
            occupy(each, tunnel, body, answer);
        }
        return all;
    }

    private void occupy(Caller caller, Visitors tunnel, boolean body, boolean answer) throws Refusal {
        TunnelView.enter(tunnel, caller.share());
        occupied.put(caller, tunnel);
        caller.occupies(new Doing(tunnel, body, answer));
    }

    private void pass(Duration time) {
        for (long i = 0; i < time.toSeconds(); i++) {
            clock.advance(SECOND);
        }
    }

    @Test
    void whileHalfOfTheTunnelIsFreeABodyMayPause() throws Exception {
        List<Caller> paused = occupying(TunnelView.visitors(8, memory), 4, true, false);
        pass(Duration.ofMinutes(4));
        assertEquals(4, open(paused));
    }

    @Test
    void whenMoreThanHalfOfTheTunnelIsTakenTheSlowestBodiesGo() throws Exception {
        Visitors tunnel = TunnelView.visitors(8, memory);
        List<Caller> paused = occupying(tunnel, 2, true, false);
        Caller quick = caller(ONE);
        occupy(quick, tunnel, true, false);
        Socket quickVisitor = visitors.getLast();
        List<Caller> waiting = occupying(tunnel, 2, false, false);
        Eventually.await("all are read from", () -> paused.stream().allMatch(caller -> caller.connection().awaitsPeer()));
        for (int i = 0; i < 40; i++) {
            long before = quick.connection().received();
            quickVisitor.getOutputStream().write(new byte[MIN_RATE]);
            Eventually.await("it was read", () -> quick.connection().received() == before + MIN_RATE && quick.connection().awaitsPeer());
            clock.advance(SECOND);
        }
        assertEquals(1, open(paused), "only so many go as are too many");
        assertTrue(isOpen(quick));
        assertEquals(2, open(waiting), "an answer that has not begun is not judged");
    }

    @Test
    void whenMoreThanHalfOfTheMemoryIsTakenTheSlowestGo() throws Exception {
        Ledger little = new Ledger(1_000_000);
        List<Caller> paused = occupying(TunnelView.visitors(8, little), 2, true, false);
        assertTrue(little.tryReserve(500_000));
        Eventually.await("all are read from", () -> paused.stream().allMatch(caller -> caller.connection().awaitsPeer()));
        pass(Duration.ofMinutes(1));
        assertEquals(2, open(paused));
        assertTrue(little.tryReserve(100_000));
        clock.advance(SECOND);
        assertEquals(1, open(paused));
    }

    @Test
    void aReaderIsSlowOnlyWhileBytesWaitForIt() throws Exception {
        Visitors tunnel = TunnelView.visitors(4, memory);
        List<Caller> idle = occupying(tunnel, 2, false, true);
        Caller stuck = caller(ONE);
        occupy(stuck, tunnel, false, true);
        Thread writing = Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    stuck.connection().out().write(new byte[64 * 1024]);
                }
            } catch (IOException e) {
                // It was cut off.
            }
        });
        // The writing task may have had no turn: bytes are taken for as long as the system has room for them.
        Eventually.await("it is cut off", () -> {
            clock.advance(SECOND);
            return !isOpen(stuck);
        });
        writing.join(Eventually.LIMIT);
        assertEquals(2, open(idle));
    }

    @Test
    void thoseWhoAreEndedAreToldOfAtARate() throws Exception {
        List<Caller> silent = silent(ONE, 12);
        pass(Duration.ofSeconds(6));
        assertEquals(MOST / 2, open(silent));
        assertEquals(List.of(Log.Level.INFO, Log.Level.DEBUG, Log.Level.DEBUG, Log.Level.DEBUG),
                log.entries("silent_visitor").stream().map(RecordingLog.Entry::level).toList());
    }
}
