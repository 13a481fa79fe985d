package tunnelforge.server.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.text.Addresses;

/** Who is let in to the admin port: a page of somebody else's in the operator's browser is not. */
final class GuardTest {
    private static final InetAddress BOUND = Addresses.parse("0.0.0.0");
    private static final InetAddress LOCAL = Addresses.parse("192.0.2.7");
    private static final String TOKEN = "a token of some length";
    private static final int PASSED = 0;

    private static int judged(Guard guard, List<String> host, List<String> origin, List<String> authorization, boolean open) {
        Answer refusal = guard.refusal(host, origin, authorization, LOCAL, open);
        return refusal == null ? PASSED : refusal.status();
    }

    private static int byHost(String... hosts) {
        return judged(new Guard(BOUND, Set.of("metrics.example.com", "198.51.100.9"), null), List.of(hosts), List.of(), List.of(), false);
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "localhost:4041", "LOCALHOST:1", "127.0.0.1:4041", "127.9.8.7", "[::1]:4041", "192.0.2.7:4041", "0.0.0.0:4041",
        "metrics.example.com", "Metrics.Example.COM:443", "metrics.example.com.", "198.51.100.9:80"})
    void itsOwnHosts(String host) {
        assertEquals(PASSED, byHost(host));
    }

    @ParameterizedTest
    @ValueSource(strings = {"evil.example", "localhost.evil.example", "evil.localhost", "127.0.0.1.evil.example", "192.0.2.8", "example.com", "", "localhost:x", "a@localhost", "127.1"})
    void foreignHosts(String host) {
        assertEquals(421, byHost(host));
    }

    @Test
    void withoutOrWithTwoHostsNobodyKnows() {
        assertEquals(421, byHost());
        assertEquals(421, byHost("localhost", "localhost"));
    }

    @ParameterizedTest
    @CsvSource({"localhost:4041, http://localhost:4041, 0", "localhost, https://localhost, 0", "[::1]:4041, http://[::1]:4041, 0",
        "localhost:4041, http://localhost:3000, 403", "localhost:4041, http://127.0.0.1:4041, 403", "localhost:4041, null, 403", "localhost:4041, http://evil.example, 403",
        "localhost:4041, '', 403", "localhost:4041, ftp://localhost:4041, 403", "localhost:4041, http://localhost:4041/x, 403"})
    void origins(String host, String origin, int status) {
        assertEquals(status, judged(new Guard(BOUND, Set.of(), null), List.of(host), List.of(origin), List.of(), true));
    }

    private static String basic(String credentials) {
        return "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8));
    }

    private static int showing(String... authorization) {
        return judged(new Guard(BOUND, Set.of(), TOKEN), List.of("localhost"), List.of(), List.of(authorization), false);
    }

    @Test
    void aTokenIsShownAsSuchOrAsAPassword() {
        assertEquals(PASSED, showing("Bearer " + TOKEN));
        assertEquals(PASSED, showing("bearer  " + TOKEN));
        assertEquals(PASSED, showing(basic("anybody:" + TOKEN)));
        assertEquals(PASSED, showing(basic(":" + TOKEN)));
    }

    @Test
    void anythingElseIsNone() {
        assertEquals(401, showing());
        assertEquals(401, showing(TOKEN));
        assertEquals(401, showing("Bearer "));
        assertEquals(401, showing("Bearer " + TOKEN + "x"));
        assertEquals(401, showing(basic("admin:")));
        assertEquals(401, showing("Basic %%%"));
        assertEquals(401, showing("Bearer " + TOKEN, "Bearer " + TOKEN));
    }

    @Test
    void probesNeedNoTokenButTheRightHost() {
        Guard guard = new Guard(BOUND, Set.of(), TOKEN);
        assertNull(guard.refusal(List.of("localhost"), List.of(), List.of(), LOCAL, true));
        assertEquals(421, judged(guard, List.of("evil.example"), List.of(), List.of(), true));
    }
}
