package tunnelforge.server.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class TunnelNamesTest {
    private static final String DOMAIN = "tunnel.example.com";

    private static void subdomainRefused(String asked, String why) {
        assertEquals("subdomain '" + asked + "' " + why,
                assertThrows(TunnelNames.InvalidNameException.class, () -> TunnelNames.validate(asked), asked).getMessage());
    }

    private static void hostnameRefused(String asked, String why) {
        assertEquals("hostname '" + asked + "' " + why,
                assertThrows(TunnelNames.InvalidNameException.class, () -> TunnelNames.hostname(asked, DOMAIN), asked).getMessage());
    }

    @Test
    void thereAreAtLeastTenThousandPairsOfPlainWords() {
        for (List<String> words : List.of(TunnelNameWords.ADJECTIVES, TunnelNameWords.NOUNS)) {
            assertTrue(words.size() >= 100, () -> words.size() + " words");
            assertEquals(words.size(), new HashSet<>(words).size(), "words that are there twice");
            assertTrue(words.stream().allMatch(word -> word.matches("[a-z]{2,12}")));
        }
    }

    @Test
    void everyRandomNameIsValid() throws Exception {
        for (String adjective : TunnelNameWords.ADJECTIVES) {
            for (String noun : TunnelNameWords.NOUNS) {
                String name = adjective + "-" + noun;
                assertEquals(name, TunnelNames.validate(name));
            }
        }
    }

    @Test
    void sameSeedGivesTheSameNameAndLaterAttemptsHaveTwoDigits() {
        assertEquals(TunnelNames.random(new Random(1)), TunnelNames.random(new Random(1)));
        Random random = new Random(2);
        for (int round = 0; round < 1000; round++) {
            assertTrue(TunnelNames.random(random).matches("[a-z]+-[a-z]+"));
            assertTrue(TunnelNames.random(random, 1).matches("[a-z]+-[a-z]+"));
            assertTrue(TunnelNames.random(random, TunnelNames.ATTEMPTS_WITHOUT_DIGITS).matches("[a-z]+-[a-z]+"));
            assertTrue(TunnelNames.random(random, TunnelNames.ATTEMPTS_WITHOUT_DIGITS + 1).matches("[a-z]+-[a-z]+-[1-9][0-9]"));
        }
    }

    @Test
    void subdomainIsOneLabelInLowerCase() throws Exception {
        assertEquals("quick-fox", TunnelNames.validate("Quick-FOX"));
        assertEquals("a", TunnelNames.validate("a"));
        assertEquals("3scale", TunnelNames.validate("3scale"));
        assertEquals("8080", TunnelNames.validate("8080"));
        assertEquals("a--b", TunnelNames.validate("a--b"));
        assertEquals("x".repeat(63), TunnelNames.validate("x".repeat(63)));
    }

    @Test
    void subdomainThatIsNoLabelIsRefused() {
        subdomainRefused("", "has an empty label");
        subdomainRefused("x".repeat(64), "has a label of 64 characters, the limit is 63");
        subdomainRefused("a.b", "has a dot: ask for one label, or for a hostname");
        for (String asked : List.of("a b", "a_b", "m\u00fcnchen", "\u212aelvin", "a/b", "*", "a:1", "@")) {
            subdomainRefused(asked, "may have only letters a-z, digits and hyphens");
        }
        for (String asked : List.of("-a", "a-", "-", "--")) {
            subdomainRefused(asked, "must not begin or end with a hyphen");
        }
    }

    @Test
    void messageQuotesWhatWasAskedWithoutItsControlCharactersAndCut() {
        assertEquals("subdomain 'a\\u001b[2J\\r\\n' may have only letters a-z, digits and hyphens", assertThrows(
                TunnelNames.InvalidNameException.class, () -> TunnelNames.validate("a\u001b[2J\r\n")).getMessage());
        assertTrue(assertThrows(TunnelNames.InvalidNameException.class, () -> TunnelNames.validate("x".repeat(100_000)))
                .getMessage().length() < 200);
    }

    @Test
    void reservedWordsAreRefusedInAnyCase() {
        for (String asked : List.of("www", "WWW", "www2", "api", "admin", "mail", "smtp", "ftp", "ns", "ns1", "NS23", "mx",
                "mx10", "localhost", "tunnelforge", "dashboard", "status", "metrics", "health", "autodiscover", "autoconfig",
                "wpad", "isatap", "mta-sts", "postmaster")) {
            subdomainRefused(asked, "is reserved");
        }
        for (String asked : List.of("_dmarc", "_acme-challenge", "_", "_a.b")) {
            subdomainRefused(asked, "is reserved: names that begin with an underscore are for services");
        }
    }

    @Test
    void wordsThatOnlyLookReservedAreAllowed() throws Exception {
        for (String asked : List.of("my-api", "apis", "nsx", "ns1a", "mxyz", "wwwx", "demo", "test", "docs")) {
            assertEquals(asked, TunnelNames.validate(asked));
        }
    }

    @Test
    void subdomainNeverHasHyphensInThirdAndFourthPlace() {
        for (String asked : List.of("xn--mnchen-3ya", "XN--p1ai", "xn--a", "ab--c")) {
            subdomainRefused(asked, "has hyphens in third and fourth place, which is reserved");
        }
    }

    @Test
    void hostnameIsBroughtIntoOneForm() throws Exception {
        assertEquals("app.example.com", TunnelNames.hostname("App.Example.COM.", DOMAIN));
        assertEquals("www.example.org", TunnelNames.hostname("www.example.org", DOMAIN));
        assertEquals("xn--mnchen-3ya.de", TunnelNames.hostname("xn--mnchen-3ya.de", DOMAIN));
        assertEquals("example.com", TunnelNames.hostname("example.com", DOMAIN));
        assertEquals("nottunnel.example.com", TunnelNames.hostname("nottunnel.example.com", DOMAIN));
        String longest = "a.".repeat(125) + "com";
        assertEquals(253, longest.length());
        assertEquals(longest, TunnelNames.hostname(longest, DOMAIN));
        assertEquals(longest, TunnelNames.hostname(longest + ".", DOMAIN));
    }

    @Test
    void hostnameThatIsNoneIsRefused() {
        hostnameRefused("", "has an empty label");
        hostnameRefused(".", "has an empty label");
        hostnameRefused("a..b", "has an empty label");
        hostnameRefused("a.b..", "has an empty label");
        hostnameRefused(".a.b", "has an empty label");
        hostnameRefused("single", "must have at least two labels, as in app.example.com");
        hostnameRefused("*.example.org", "must be one name, without a wildcard");
        hostnameRefused("-a.example.org", "must not begin or end with a hyphen");
        hostnameRefused("_a.example.org", "may have only letters a-z, digits and hyphens");
        hostnameRefused("b\u00fccher.example", "may have only letters a-z, digits and hyphens");
        hostnameRefused("x".repeat(64) + ".org", "has a label of 64 characters, the limit is 63");
        assertTrue(assertThrows(TunnelNames.InvalidNameException.class,
                () -> TunnelNames.hostname("a.".repeat(125) + "info", DOMAIN)).getMessage()
                .endsWith("has 254 characters, the limit is 253"));
    }

    @Test
    void hostnameIsNeverAnAddress() {
        for (String asked : List.of("192.0.2.1", "1.2.3", "127.1", "0x7f.1", "a.0x7f", "a.0x", "a.1", "[::1]", "::1", "a.b:443", "8080")) {
            hostnameRefused(asked, "must be a name without an address or a port");
        }
    }

    @Test
    void hostnameIsNeverLocalhost() {
        for (String asked : List.of("localhost", "LOCALHOST.", "app.localhost", "a.tunnel.localhost")) {
            hostnameRefused(asked, "must not be localhost or below it");
        }
    }

    @Test
    void hostnameIsNeverTheServersOwn() {
        for (String asked : List.of("tunnel.example.com", "Tunnel.Example.Com.", "a.tunnel.example.com", "a.b.tunnel.example.com")) {
            hostnameRefused(asked, "belongs to the server: ask for a subdomain of tunnel.example.com");
        }
        assertThrows(TunnelNames.InvalidNameException.class,
                () -> TunnelNames.hostname("a.tunnel.example.com", "TUNNEL.example.com."));
    }
}
