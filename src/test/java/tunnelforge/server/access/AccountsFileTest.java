package tunnelforge.server.access;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an accounts file says, and how it is refused. */
final class AccountsFileTest {
    private static final String DIGEST = "ab".repeat(32);
    private static final String OTHER = "cd".repeat(32);

    @TempDir
    private Path directory;

    private AccountBook read(String text) throws IOException {
        return AccountsFile.read(Files.writeString(directory.resolve("accounts.json"), text), "tunnel.example");
    }

    private String refusal(String text) {
        return assertThrows(IOException.class, () -> read(text)).getMessage();
    }

    @Test
    void aWholeOneIsUnderstood() throws IOException {
        AccountBook book = read("""
                {
                  // what our people may have
                  "tiers": {
                    "team": {"requests_per_second": 100, "burst": 300, "bytes_per_second": 5000000, "visitor_requests_per_second": 5,
                             "bytes_per_month": 7, "connections": 8, "tunnels": 9, "tcp": true, "tls": false, "names": ["team-*"], "ports": ["20100-20199"]},
                    "free": {"tunnels": 3},
                  },
                  "accounts": [
                    {"name": "alice", "tier": "team", "names": ["alice", "app.example.org"], "ports": ["20005"], "certificate_names": ["laptop"],
                     "tokens": [{"id": "a", "sha256": "%s", "created": "2026-11-26", "expires": "2027-01-31", "may": ["name:demo-*", "port:20000-20010"]}]},
                    {"name": "bob", "tier": "free", "token_sha256": ["%s"]},
                  ],
                }
                """.formatted(DIGEST, OTHER));
        Account alice = book.account("alice");
        assertEquals(new Tier("team", new Tier.Rates(100, 300, 5_000_000), new Tier.Rates(5, 5, Tier.NO_LIMIT), 7, 8, 9, true, false, alice.tier().reserved()), alice.tier());
        assertTrue(alice.hasName("team-x") && alice.hasName("alice") && alice.hasName("app.example.org"));
        assertTrue(alice.hasPort(20_005) && alice.hasPort(20_150) && !alice.hasPort(20_200));
        Account.Token token = alice.tokens().getFirst();
        assertArrayEquals(HexFormat.of().parseHex(DIGEST), token.sha256());
        assertTrue(token.isValid(Instant.parse("2027-01-30T23:59:59Z")));
        assertFalse(token.isValid(Instant.parse("2027-01-31T00:00:00Z")));
        assertTrue(token.may().hasName("demo-1") && !token.may().hasName("other") && token.may().hasPort(20_003) && !token.may().hasPort(20_011));
        assertEquals("alice", book.byToken(HexFormat.of().parseHex(DIGEST)).account().name());
        assertEquals("alice", book.byCertificate(Set.of("laptop", "other")).getFirst().name());
        Account bob = book.account("bob");
        assertEquals(3, bob.tier().tunnels());
        assertEquals(Tier.FREE.all(), bob.tier().all());
        assertNull(bob.tokens().getFirst().may());
        assertNotNull(book.byToken(HexFormat.of().parseHex(OTHER)));
        assertNull(book.byToken(new byte[32]));
        assertTrue(book.isReservedName("team-7") && book.isReservedName("alice") && !book.isReservedName("bob"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "{\"tiers\": {\"t\": {\"request_per_second\": 1}}} | 1 | 18 | did you mean requests_per_second",
            "{\"tiers\": {\"t\": {\"burst\": 4}}} | 1 | 18 | needs 'requests_per_second' beside it",
            "{\"tiers\": {\"t\": {\"requests_per_second\": 0}}} | 1 | 18 | an integer from 1",
            "{\"tiers\": {\"t\": {\"requests_per_second\": 1.5}}} | 1 | 18 | an integer from 1",
            "{\"tiers\": {\"t\": {\"tcp\": \"yes\"}}} | 1 | 18 | true or false",
            "{\"tiers\": {\"t\": {\"names\": [\"UPPER\"]}}} | 1 | 18 | in lower case",
            "{\"tiers\": {\"t\": {\"names\": [\"a*b*\"]}}} | 1 | 18 | demo-*",
            "{\"tiers\": {\"t\": {\"ports\": [\"9-1\"]}}} | 1 | 18 | the lower one first",
            "{\"tiers\": {\"a b\": {}}} | 1 | 12 | 1 to 64 letters",
            "{\"acounts\": []} | 1 | 2 | did you mean accounts",
            "{\"accounts\": [1]} | 1 | 2 | array of objects",
            "{\"accounts\": [{\"tier\": \"free\"}]} | 1 | 15 | 'name' is missing",
            "{\"accounts\": [{\"name\": \"a\"}]} | 1 | 15 | 'tier' is missing",
            "{\"accounts\": [{\"name\": \"a\", \"tier\": \"gold\"}]} | 1 | 29 | one of free, pro",
            "{\"accounts\": [{\"name\": \"../a\", \"tier\": \"free\"}]} | 1 | 16 | 1 to 64 letters",
            "{\"accounts\": [{\"name\": \"a\", \"tier\": \"free\", \"token\": \"tf_secret\"}]} | 1 | 45 | did you mean tokens",
            "{\"accounts\": [{\"name\": \"a\", \"tier\": \"free\", \"tokens\": [{\"id\": \"1\", \"sha256\": \"tf_secret\"}]}]} | 1 | 68 | 64 hexadecimal digits",
            "{\"accounts\": [{\"name\": \"a\", \"tier\": \"free\", \"token_sha256\": [\"tf_secret\"]}]} | 1 | 45 | 64 hexadecimal digits",
            "{\"accounts\": [{\"name\": \"a\", \"tier\": \"free\"} {}]} | 1 | 45 | expected ','",
            "[] | | | must be an object",
    })
    void aMistakeIsNamedWithItsPlace(String text, String line, String column, String expected) {
        String message = refusal(text);
        assertTrue(message.startsWith(directory.resolve("accounts.json") + (line == null ? ": " : ":" + line + ":" + column + ": ")), message);
        assertTrue(message.contains(expected), message);
        assertFalse(message.contains("tf_secret"), message);
    }

    private static String account(String name, String more) {
        return "{\"name\": \"" + name + "\", \"tier\": \"free\"" + more + "}";
    }

    private static String tokens(String... each) {
        return ", \"tokens\": [" + String.join(", ", each) + "]";
    }

    private static String token(String id, String digest, String more) {
        return "{\"id\": \"" + id + "\", \"sha256\": \"" + digest + "\"" + more + "}";
    }

    private static String file(String... accounts) {
        return "{\"accounts\": [\n" + String.join(",\n", accounts) + "\n]}";
    }

    @Test
    void nothingIsThereTwice() {
        assertTrue(refusal(file(account("a", ""), account("a", ""))).contains(":3:2: field 'name' is another account's already"));
        assertTrue(refusal(file(account("a", tokens(token("1", DIGEST, ""))), account("b", tokens(token("1", DIGEST, ""))))).contains("accounts.json:3:"));
        assertTrue(refusal(file(account("a", tokens(token("1", DIGEST, ""), token("1", OTHER, ""))))).contains("'id' is another token's"));
        assertTrue(refusal(file(account("a", ", \"certificate_names\": [\"x\"]"), account("b", ", \"certificate_names\": [\"x\"]"))).contains("account a has already"));
    }

    @Test
    void whatATokenIsForIsUnderstood() {
        assertTrue(refusal(file(account("a", tokens(token("1", DIGEST, ", \"may\": [\"demo\"]"))))).contains("name:demo-* or port:20000-20010"));
        assertTrue(refusal(file(account("a", tokens(token("1", DIGEST, ", \"expires\": \"soon\""))))).contains("2027-01-31"));
        assertTrue(refusal(file(account("a", tokens(token("1", DIGEST, ", \"created\": \"2026-13-01\""))))).contains("2027-01-31"));
    }

    /** They would have reserved nothing. */
    @Test
    void aNameBelowTheDomainIsItsLabel() throws IOException {
        AccountBook book = read(file(account("a", ", \"names\": [\"shop.tunnel.example\", \"*.tunnel.example\", \"app.example.org\"]")));
        assertTrue(book.isReservedName("shop") && book.isReservedName("other") && book.isReservedName("app.example.org"));
        assertTrue(refusal(file(account("a", ", \"names\": [\".example.org\"]"))).contains("cannot be read"));
    }

    @Test
    void thereAreOnlySoMany() throws IOException {
        assertEquals(AccountsFile.MAX_ACCOUNTS, read(manyAccounts(AccountsFile.MAX_ACCOUNTS)).size());
        assertTrue(refusal(manyAccounts(AccountsFile.MAX_ACCOUNTS + 1)).contains("at most 1000"));
    }

    private static String manyAccounts(int count) {
        return file(IntStream.range(0, count).mapToObj(i -> account("a" + i, tokens(token("1", "%064x".formatted(2 * i), ""), token("2", "%064x".formatted(2 * i + 1), ""))))
                .collect(Collectors.toList()).toArray(String[]::new));
    }

    @ParameterizedTest
    @CsvSource({"demo,demo,true", "demo,demo2,false", "demo-*,demo-1,true", "demo-*,demo-,true", "demo-*,demo,false", "*-demo,a-demo,true", "a*a,a,false", "a*a,aa,true", "*,x,true", "*,x.y,false",
            "*.example.org,a.example.org,true", "*.example.org,a.b.example.org,false", "*.example.org,example.org,false", "app.example.org,app.example.org,true"})
    void aPatternMatchesWithinALabel(String pattern, String name, boolean matches) {
        assertEquals(matches, new NamePattern(pattern).matches(name));
    }
}
