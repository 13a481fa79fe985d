package tunnelforge.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;

final class ServerTrustTest {
    private static final KeyEntry CA = TestCertificates.ca("CA");
    private static final KeyEntry OTHER_CA = TestCertificates.ca("other CA");
    private static final KeyEntry SERVER = TestCertificates.server(CA, "tunnel.example", "*.tunnel.example", "192.0.2.7");
    private static final KeyEntry EXPIRED = TestCertificates.of("expired").from(CA).names("tunnel.example")
            .valid(Instant.now().minus(Duration.ofDays(9)), Instant.now().minus(Duration.ofDays(1))).make();
    private static final KeyEntry FUTURE = TestCertificates.of("future").from(CA).names("tunnel.example")
            .valid(Instant.now().plus(Duration.ofDays(1)), Instant.now().plus(Duration.ofDays(9))).make();

    private static ServerTrust trusting(KeyEntry ca, String name) {
        return new ServerTrust(List.of(ca.leaf()), List.of(), name);
    }

    private static ServerTrust pinning(String name, KeyEntry... pinned) {
        return new ServerTrust(null, List.of(pinned).stream().map(entry -> Pin.of(entry.leaf())).toList(), name);
    }

    private static void accepted(ServerTrust trust, KeyEntry server) throws Exception {
        try (TestTls tls = TestTls.serving(server)) {
            assertEquals(server.leaf(), tls.connect(trust));
        }
        trust.checkServerTrusted(server.chain().toArray(X509Certificate[]::new), "UNKNOWN");
    }

    /** Returns what a person would read. */
    private static String refused(ServerTrust trust, KeyEntry server) throws Exception {
        try (TestTls tls = TestTls.serving(server)) {
            IOException refused = assertThrows(SSLHandshakeException.class, () -> tls.connect(trust));
            CertificateException plain = assertThrows(CertificateException.class, () ->
                    trust.checkServerTrusted(server.chain().toArray(X509Certificate[]::new), "UNKNOWN"));
            assertEquals(plain.getMessage(), refused.getCause().getMessage());
            return plain.getMessage();
        }
    }

    private static void assertContains(String text, Object... parts) {
        for (Object part : parts) {
            assertTrue(text.contains(part.toString()), "'" + part + "' in: " + text);
        }
    }

    @Test
    void aTrustedCaAndTheRightNameAreAccepted() throws Exception {
        accepted(trusting(CA, "tunnel.example"), SERVER);
        accepted(trusting(CA, "Tunnel.Example."), SERVER);
        accepted(trusting(CA, "a.tunnel.example"), SERVER);
        accepted(trusting(CA, "192.0.2.7"), SERVER);
        accepted(new ServerTrust(List.of(OTHER_CA.leaf(), CA.leaf()), List.of(), "tunnel.example"), SERVER);
    }

    @Test
    void anotherCaIsRefused() throws Exception {
        assertContains(refused(trusting(OTHER_CA, "tunnel.example"), SERVER), "the CA that was given", Pin.of(SERVER.leaf()),
                "tunnel.example");
    }

    @Test
    void withoutCasAndPinsThoseOfTheJdkAreAsked() throws Exception {
        assertContains(refused(new ServerTrust(null, List.of(), "tunnel.example"), SERVER), "any CA that Java trusts");
    }

    @Test
    void aTrustedCaWithAnotherNameIsRefused() throws Exception {
        assertContains(refused(trusting(CA, "other.example"), SERVER), "tunnel.example, *.tunnel.example, 192.0.2.7",
                "expected 'other.example'");
        refused(trusting(CA, "192.0.2.8"), SERVER);
        refused(trusting(CA, "a.b.tunnel.example"), SERVER);
        assertContains(refused(trusting(CA, "server"), TestCertificates.server(CA)), "names no host", "'server'");
    }

    @Test
    void datesAreChecked() throws Exception {
        assertContains(refused(trusting(CA, "tunnel.example"), EXPIRED), "ended on", EXPIRED.leaf().getNotAfter().toInstant());
        assertContains(refused(trusting(CA, "tunnel.example"), FUTURE), "begins on");
    }

    @Test
    void aPinOfTheServerReplacesCaNameAndDates() throws Exception {
        accepted(pinning("other.example", SERVER), SERVER);
        accepted(pinning("other.example", EXPIRED), EXPIRED);
        accepted(new ServerTrust(List.of(OTHER_CA.leaf()), List.of(Pin.of(SERVER.leaf())), "other.example"), SERVER);
        KeyEntry selfSigned = TestCertificates.of("alone").make();
        accepted(pinning("other.example", OTHER_CA, selfSigned), selfSigned);
    }

    @Test
    void aPinOfTheCaReplacesTheCaCheckOnly() throws Exception {
        accepted(pinning("tunnel.example", CA), SERVER);
        assertContains(refused(pinning("other.example", CA), SERVER), "expected 'other.example'");
        assertContains(refused(pinning("tunnel.example", CA), EXPIRED), "ended on");
    }

    @Test
    void aPinOfAnIntermediateCaIsEnough() throws Exception {
        KeyEntry intermediate = TestCertificates.of("intermediate").from(CA).authority(true).make();
        KeyEntry server = TestCertificates.server(intermediate, "tunnel.example");
        assertEquals(3, server.chain().size());
        accepted(pinning("tunnel.example", intermediate), server);
        accepted(pinning("tunnel.example", CA), server);
        accepted(trusting(CA, "tunnel.example"), server);
        refused(pinning("other.example", intermediate), server);
    }

    @Test
    void aPinnedCaMustReallyHaveSignedTheServer() throws Exception {
        KeyEntry forged = TestCertificates.server(OTHER_CA, "tunnel.example");
        KeyEntry dressedUp = new KeyEntry(forged.key(), List.of(forged.leaf(), CA.leaf()));
        assertContains(refused(pinning("tunnel.example", CA), dressedUp), "not vouched for by the pinned CA", Pin.of(CA.leaf()));
        KeyEntry whole = new KeyEntry(forged.key(), List.of(forged.leaf(), OTHER_CA.leaf(), CA.leaf()));
        refused(pinning("tunnel.example", CA), whole);
        KeyEntry namesake = TestCertificates.ca("CA");
        KeyEntry byNamesake = TestCertificates.server(namesake, "tunnel.example");
        refused(pinning("tunnel.example", CA), new KeyEntry(byNamesake.key(), List.of(byNamesake.leaf(), CA.leaf())));
    }

    @Test
    void aServerIsNoCa() throws Exception {
        KeyEntry bySomeServer = TestCertificates.server(SERVER, "victim.example");
        assertContains(refused(pinning("victim.example", SERVER), bySomeServer), "no CA", Pin.of(SERVER.leaf()));
        refused(pinning("victim.example", CA), bySomeServer);
        refused(trusting(CA, "victim.example"), bySomeServer);
        KeyEntry notCa = TestCertificates.of("not a CA").from(CA).authority(false).make();
        refused(pinning("victim.example", notCa), TestCertificates.server(notCa, "victim.example"));
    }

    @Test
    void anExpiredPinnedCaIsRefused() throws Exception {
        KeyEntry old = TestCertificates.of("old CA").authority(true)
                .valid(Instant.now().minus(Duration.ofDays(9)), Instant.now().minus(Duration.ofDays(1))).make();
        assertContains(refused(pinning("tunnel.example", old), TestCertificates.server(old, "tunnel.example")),
                "pinned CA's certificate", "ended on");
    }

    @Test
    void pinsOfWhichNoneMatchesRefuseEvenATrustedCa() throws Exception {
        ServerTrust trust = new ServerTrust(List.of(CA.leaf()), List.of(Pin.of(OTHER_CA.leaf()), Pin.of(EXPIRED.leaf())),
                "tunnel.example");
        assertContains(refused(trust, SERVER), "presented the key " + Pin.of(SERVER.leaf()),
                "expected " + Pin.of(OTHER_CA.leaf()) + " or " + Pin.of(EXPIRED.leaf()));
    }

    @Test
    void javaNetHttpIsJudgedByTheSameRules() throws Exception {
        try (TestTls tls = TestTls.serving(SERVER)) {
            assertEquals(200, get(tls, trusting(CA, "tunnel.example")));
            assertEquals(200, get(tls, pinning("other.example", SERVER)));
            assertThrows(IOException.class, () -> get(tls, trusting(CA, "127.0.0.1")));
            assertThrows(IOException.class, () -> get(tls, trusting(OTHER_CA, "tunnel.example")));
            assertThrows(IOException.class, () -> get(tls, pinning("other.example", CA)));
        }
    }

    private static int get(TestTls tls, ServerTrust trust) throws Exception {
        try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
                .sslContext(ServerTrust.context(trust)).sslParameters(ServerTrust.parameters()).build()) {
            return client.send(HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + tls.port() + "/")).build(),
                    HttpResponse.BodyHandlers.discarding()).statusCode();
        }
    }

    @Test
    void olderVersionsOfTlsAreKeptOut() throws Exception {
        try (TestTls tls = new TestTls(new ServerKeys(List.of(SERVER)),
                socket -> socket.setEnabledProtocols(new String[] {"TLSv1.2"}))) {
            assertThrows(IOException.class, () -> tls.connect(trusting(CA, "tunnel.example")));
        }
    }

    @Test
    void whatAServerSaysOfItselfReachesNoTerminalUnfiltered() throws Exception {
        KeyEntry odd = TestCertificates.of("red \u001b[31m\u202e" + "b".repeat(200)).from(CA).make();
        assertReadable(refused(trusting(OTHER_CA, "tunnel.example"), odd));
        String[] names = new String[100];
        Arrays.setAll(names, i -> "c".repeat(60) + "." + "d".repeat(60) + ".n" + i + ".example");
        String message = refused(trusting(CA, "tunnel.example"), TestCertificates.server(CA, names));
        assertReadable(message);
        assertContains(message, "92 more");
    }

    private static void assertReadable(String message) {
        assertTrue(message.chars().allMatch(c -> c >= ' ' && c <= '~'), message);
        assertTrue(message.length() < 1200, message);
    }

    @Test
    void clientsAreNotJudged() {
        ServerTrust trust = trusting(CA, "tunnel.example");
        assertThrows(CertificateException.class, () -> trust.checkClientTrusted(new X509Certificate[] {CA.leaf()}, "EC"));
        assertEquals(List.of(CA.leaf()), List.of(trust.getAcceptedIssuers()));
    }

    @Test
    void rulesThatMakeNoSenseAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new ServerTrust(List.of(), List.of(), "a.example"));
        assertThrows(IllegalArgumentException.class, () -> new ServerTrust(null, List.of(), "a b"));
        assertThrows(IllegalArgumentException.class, () -> new ServerTrust(null, List.of(), ""));
        assertThrows(IllegalArgumentException.class, () -> trusting(CA, "a").checkServerTrusted(new X509Certificate[0], "EC"));
        assertNull(ServerNames.wildcard("a"));
    }
}
