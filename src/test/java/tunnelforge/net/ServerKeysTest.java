package tunnelforge.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Test;

final class ServerKeysTest {
    private static final KeyPair RSA_KEYS = TestCertificates.keys("RSA");
    private static final KeyEntry CA = TestCertificates.ca("CA");
    private static final KeyEntry OWN = TestCertificates.server(CA, "tunnel.example", "*.tunnel.example", "localhost");
    private static final KeyEntry WILD = TestCertificates.server(CA, "*.tunnel.example");
    private static final KeyEntry EXACT = TestCertificates.server(CA, "a.tunnel.example");
    private static final KeyEntry RSA = TestCertificates.of("rsa").from(CA).keyPair(RSA_KEYS).names("a.tunnel.example").make();
    private static final KeyEntry RSA_FALLBACK =
            TestCertificates.of("rsa fallback").from(CA).keyPair(RSA_KEYS).names("other.example").make();
    private static final KeyEntry ED = TestCertificates.of("ed").from(CA).keyPair(TestCertificates.keys("Ed25519"))
            .names("a.tunnel.example").make();

    private static final Consumer<SSLParameters> ANY = parameters -> { };
    private static final Consumer<SSLParameters> TLS_12 = parameters -> parameters.setProtocols(new String[] {"TLSv1.2"});
    private static final Consumer<SSLParameters> ONLY_EC = schemes("ecdsa_secp256r1_sha256");
    private static final Consumer<SSLParameters> ONLY_RSA = schemes("rsa_pss_rsae_sha256");
    private static final Consumer<SSLParameters> RSA_BEFORE_EC = schemes("rsa_pss_rsae_sha256", "ecdsa_secp256r1_sha256");

    private static Consumer<SSLParameters> schemes(String... schemes) {
        return parameters -> parameters.setSignatureSchemes(schemes);
    }

    /** Takes whatever is presented by any of the entries. */
    private static SSLContext client(KeyEntry... entries) {
        return ServerTrust.context(new ServerTrust(null,
                List.of(entries).stream().map(entry -> Pin.of(entry.leaf())).toList(), "unused"));
    }

    private static void assertPresents(KeyEntry expected, String name, Consumer<SSLParameters> with, KeyEntry... entries)
            throws Exception {
        assertPresents(expected, name, with, List.of(entries), List.of());
    }

    private static void assertPresents(KeyEntry expected, String name, Consumer<SSLParameters> with, List<KeyEntry> made, List<KeyEntry> given)
            throws Exception {
        try (TestTls tls = new TestTls(new ServerKeys(made, given), socket -> { })) {
            X509Certificate presented = tls.connect(client(Stream.concat(made.stream(), given.stream()).toArray(KeyEntry[]::new)), name, with);
            assertEquals(expected.leaf().getSubjectX500Principal() + " " + Pin.of(expected.leaf()),
                    presented.getSubjectX500Principal() + " " + Pin.of(presented));
        }
    }

    @Test
    void theNameAskedForPicksTheEntry() throws Exception {
        KeyEntry custom = TestCertificates.server(CA, "www.custom.example");
        for (Consumer<SSLParameters> version : List.of(ANY, TLS_12)) {
            assertPresents(custom, "www.custom.example", version, OWN, custom, EXACT);
            assertPresents(custom, "WWW.Custom.example", version, OWN, custom, EXACT);
            assertPresents(EXACT, "a.tunnel.example", version, OWN, custom, EXACT);
            assertPresents(OWN, "b.tunnel.example", version, OWN, custom, EXACT);
        }
    }

    @Test
    void theFirstServesWhereNoneFits() throws Exception {
        assertPresents(EXACT, "unknown.example", ANY, EXACT, OWN);
        assertPresents(EXACT, null, ANY, EXACT, OWN);
        assertPresents(EXACT, null, TLS_12, EXACT, OWN);
        assertPresents(RSA, null, ANY, RSA, OWN);
    }

    @Test
    void anExactNameGoesBeforeAWildcardWhereverItStands() throws Exception {
        assertPresents(EXACT, "a.tunnel.example", ANY, EXACT, OWN, WILD);
        assertPresents(EXACT, "a.tunnel.example", ANY, OWN, EXACT, WILD);
        assertPresents(EXACT, "a.tunnel.example", ANY, OWN, WILD, EXACT);
    }

    @Test
    void amongEqualsTheLaterGoesFirst() throws Exception {
        assertPresents(WILD, "b.tunnel.example", ANY, OWN, WILD);
        assertPresents(OWN, "b.tunnel.example", ANY, WILD, OWN);
    }

    @Test
    void theNameDecidesBeforeTheKindOfKey() throws Exception {
        assertPresents(RSA, "a.tunnel.example", ANY, OWN, RSA);
        assertPresents(RSA, "a.tunnel.example", TLS_12, OWN, RSA);
        assertPresents(EXACT, "a.tunnel.example", RSA_BEFORE_EC, RSA_FALLBACK, EXACT);
    }

    private static KeyEntry rsa(String... names) {
        return TestCertificates.of("rsa").from(CA).keyPair(RSA_KEYS).names(names).make();
    }

    /** The own CA's of the same names, with a kind of key that clients prefer, was shown instead. */
    @Test
    void whatAPersonGaveGoesBeforeWhatTheProgramMadeWhateverItsKey() throws Exception {
        KeyEntry given = rsa("tunnel.example", "*.tunnel.example", "localhost");
        for (Consumer<SSLParameters> version : List.of(ANY, TLS_12)) {
            for (String name : List.of("tunnel.example", "b.tunnel.example", "localhost")) {
                assertPresents(given, name, version, List.of(OWN), List.of(given));
            }
        }
        assertPresents(given, "b.tunnel.example", RSA_BEFORE_EC, List.of(OWN), List.of(given));
    }

    @Test
    void aWildcardThatAPersonGaveGoesBeforeAnExactNameThatTheProgramMade() throws Exception {
        for (KeyEntry given : List.of(WILD, rsa("*.tunnel.example"))) {
            assertPresents(given, "a.tunnel.example", ANY, List.of(OWN, EXACT), List.of(given));
        }
    }

    @Test
    void whereTheClientCannotCheckWhatAPersonGaveTheOwnOneServes() throws Exception {
        assertPresents(OWN, "b.tunnel.example", ONLY_EC, List.of(OWN), List.of(rsa("*.tunnel.example", "tunnel.example", "localhost")));
        assertPresents(WILD, "a.tunnel.example", ONLY_EC, List.of(OWN), List.of(WILD, RSA));
    }

    @Test
    void whereWhatAPersonGaveDoesNotCoverTheNameTheOwnOneServes() throws Exception {
        KeyEntry given = rsa("*.tunnel.example");
        assertPresents(OWN, "tunnel.example", ANY, List.of(OWN), List.of(given));
        assertPresents(OWN, null, ANY, List.of(OWN), List.of(given));
    }

    @Test
    void ofTwoKindsOfKeyForOneNameTheClientsPreferenceServes() throws Exception {
        KeyEntry ec = TestCertificates.server(CA, "*.tunnel.example");
        KeyEntry rsa = rsa("tunnel.example", "*.tunnel.example");
        for (List<KeyEntry> given : List.of(List.of(ec, rsa), List.of(rsa, ec))) {
            assertPresents(ec, "b.tunnel.example", ANY, List.of(OWN), given);
            assertPresents(rsa, "b.tunnel.example", RSA_BEFORE_EC, List.of(OWN), given);
            assertPresents(rsa, "b.tunnel.example", ONLY_RSA, List.of(OWN), given);
            assertEquals(ec, new ServerKeys(List.of(OWN), given).shown("b.tunnel.example"));
            assertEquals(rsa, new ServerKeys(List.of(OWN), given).shown("tunnel.example"));
        }
    }

    @Test
    void aClientChoosesAmongTheKindsOfKeyForOneSetOfNames() throws Exception {
        for (List<KeyEntry> order : List.of(List.of(OWN, EXACT, RSA), List.of(OWN, RSA, EXACT), List.of(RSA, EXACT))) {
            KeyEntry[] entries = order.toArray(KeyEntry[]::new);
            assertPresents(EXACT, "a.tunnel.example", ONLY_EC, entries);
            assertPresents(RSA, "a.tunnel.example", ONLY_RSA, entries);
        }
        assertPresents(RSA, null, ONLY_RSA, EXACT, OWN, RSA);
    }

    @Test
    void whatTheClientCannotCheckIsPassedOver() throws Exception {
        assertPresents(ED, "a.tunnel.example", ANY, OWN, ED);
        assertPresents(OWN, "a.tunnel.example", ONLY_EC, OWN, ED);
        assertPresents(OWN, "a.tunnel.example", ONLY_EC, OWN, RSA);
    }

    @Test
    void replacementsServeFromTheNextHandshakeOn() throws Exception {
        ServerKeys keys = new ServerKeys(List.of(OWN));
        try (TestTls tls = new TestTls(keys, socket -> { })) {
            assertEquals(OWN.leaf(), tls.connect(client(OWN, EXACT), "a.tunnel.example", ANY));
            keys.replace(List.of(OWN), List.of(EXACT));
            assertEquals(EXACT.leaf(), tls.connect(client(OWN, EXACT), "a.tunnel.example", ANY));
            keys.replace(List.of(WILD), List.of());
            assertEquals(WILD.leaf(), tls.connect(client(WILD), "a.tunnel.example", ANY));
        }
    }

    @Test
    void aHandshakeUnderWayKeepsWhatItBeganWith() {
        ServerKeys keys = new ServerKeys(List.of(OWN));
        String alias = keys.chooseServerAlias("EC", null, null);
        keys.replace(List.of(WILD), List.of());
        assertEquals(OWN.leaf(), keys.getCertificateChain(alias)[0]);
        assertEquals(OWN.key(), keys.getPrivateKey(alias));
    }

    @Test
    void otherKindsOfKeyAndAliasesGetNothing() {
        ServerKeys keys = new ServerKeys(List.of(OWN));
        assertNull(keys.chooseServerAlias("RSA", null, null));
        assertNull(keys.chooseEngineServerAlias("RSA", null, null));
        assertNull(keys.getCertificateChain("nobody"));
        assertNull(keys.getPrivateKey("nobody"));
        assertNull(keys.chooseClientAlias(new String[] {"EC"}, null, null));
    }

    @Test
    void needsAtLeastOne() {
        assertThrows(IllegalArgumentException.class, () -> new ServerKeys(List.of()));
        assertThrows(IllegalArgumentException.class, () -> new KeyEntry(OWN.key(), List.of()));
    }

    @Test
    void aClientWithoutACommonKindOfKeyIsRefused() throws Exception {
        try (TestTls tls = TestTls.serving(OWN)) {
            assertThrows(IOException.class, () -> tls.connect(client(OWN), "tunnel.example", ONLY_RSA));
        }
    }
}
