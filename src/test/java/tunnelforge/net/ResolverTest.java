package tunnelforge.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResolverTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final Resolver resolver = new Resolver();

    @AfterEach
    void close() {
        resolver.close();
    }

    private List<String> resolve(String host) throws IOException {
        return resolver.resolve(host, LIMIT).stream().map(InetAddress::getHostAddress).toList();
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, 127.0.0.1", "10.1.2.3, 10.1.2.3", "::1, 0:0:0:0:0:0:0:1", "[::1], 0:0:0:0:0:0:0:1",
        "2001:db8::5, 2001:db8:0:0:0:0:0:5"})
    void addressesAreNotLookedUp(String literal, String address) throws IOException {
        assertEquals(List.of(address), resolve(literal));
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "LocalHost"})
    void localhostIsThisMachineInBothFamilies(String name) throws IOException {
        assertEquals(List.of("127.0.0.1", "0:0:0:0:0:0:0:1"), resolve(name));
    }

    @Test
    void namesAreLookedUp() throws IOException {
        assertEquals(List.of("127.0.0.1"), resolve("service.test"));
    }

    @Test
    void aNameThatIsNotKnownIsSaidSo() {
        UnknownHostException e = assertThrows(UnknownHostException.class, () -> resolve("unknown.test"));
        assertEquals("unknown.test: the name is not known", e.getMessage());
    }

    @Test
    void aLookUpThatHangsEndsAtItsLimitAndHoldsUpNoOther() throws IOException {
        UnknownHostException e = assertThrows(UnknownHostException.class,
                () -> resolver.resolve("one.hangs.test", Duration.ofMillis(20)));
        assertTrue(e.getMessage().startsWith("one.hangs.test: no answer to the look-up within"), e.getMessage());
        assertEquals(List.of("127.0.0.1"), resolve("service.test"));
    }

    @Test
    void moreHangingLookUpsThanThreadsEndAtTheirLimitToo() {
        for (int i = 0; i < 6; i++) {
            String name = i + ".hangs.test";
            assertThrows(UnknownHostException.class, () -> resolver.resolve(name, Duration.ofMillis(20)));
        }
    }

    /** Those that nobody waited for any more filled the queue, and every name was unknown. */
    @Test
    void lookUpsThatEndedAtTheirLimitLeaveNoneBehind() {
        for (int i = 0; i < 300; i++) {
            String name = "queued" + i + ".hangs.test";
            UnknownHostException e = assertThrows(UnknownHostException.class, () -> resolver.resolve(name, Duration.ofMillis(1)));
            assertTrue(e.getMessage().contains("no answer to the look-up within"), e.getMessage());
        }
    }

    @Test
    void afterClosingEveryNameIsUnknown() {
        resolver.close();
        assertThrows(UnknownHostException.class, () -> resolve("service.test"));
    }

    @Test
    void interruptionEndsTheWait() {
        Thread.currentThread().interrupt();
        assertThrows(UnknownHostException.class, () -> resolve("another.hangs.test"));
        assertTrue(Thread.interrupted());
    }
}
