package tunnelforge.server.access;

import java.io.IOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import tunnelforge.cli.ConfigFile;
import tunnelforge.json.JsonException;
import tunnelforge.json.JsonObject;
import tunnelforge.json.JsonValue;
import tunnelforge.server.access.Tier.Rates;

/** Reads a file of accounts and tiers. One that has a mistake is refused whole; the message names line, column and what was expected. */
final class AccountsFile {
    /** Accounts in a file. */
    static final int MAX_ACCOUNTS = 1_000;

    private static final long MOST = 1_000_000_000_000_000L;
    /** Beyond it, a request takes no time that a clock could tell. */
    private static final long MOST_PER_SECOND = 1_000_000_000L;
    /** Of a digest, where a token has no name of its own. */
    private static final int ID_CHARS = 6;
    private static final String NAME_FORM = "[A-Za-z0-9][A-Za-z0-9._@-]{0,63}";
    private static final String NAME_IN_WORDS = "must be 1 to 64 letters, digits, '.', '_', '@' or '-'";

    private final String domain;
    private final Map<String, Tier> tiers = new LinkedHashMap<>();
    private final Set<String> digests = new HashSet<>();
    private final Map<String, String> certificates = new HashMap<>();

    private AccountsFile(String domain) {
        this.domain = domain;
        tiers.put(Tier.FREE.name(), Tier.FREE);
        tiers.put(Tier.PRO.name(), Tier.PRO);
    }

    /** {@code domain}: the server's; below it a name is told by its label. */
    static AccountBook read(Path file, String domain) throws IOException {
        return ConfigFile.read(file, new AccountsFile(domain)::book);
    }

    private AccountBook book(JsonObject json) throws JsonException {
        ConfigFile.onlyKnows(json, List.of("tiers", "accounts"));
        JsonObject given = json.objectOrEmpty("tiers");
        for (String name : given.members().keySet()) {
            if (!isName(name)) {
                throw given.error(name, NAME_IN_WORDS);
            }
            tiers.put(name, tier(given.object(name), tiers.getOrDefault(name, Tier.unlimited(name))));
        }
        Map<String, Account> accounts = new LinkedHashMap<>();
        for (JsonValue value : json.arrayOrEmpty("accounts")) {
            Account account = account(objectIn(json, "accounts", value));
            if (accounts.putIfAbsent(account.name(), account) != null) {
                throw ((JsonObject) value).error("name", "is another account's already");
            }
            if (accounts.size() > MAX_ACCOUNTS) {
                throw json.error("accounts", "must have at most " + MAX_ACCOUNTS + " elements");
            }
        }
        return new AccountBook(tiers.values(), List.copyOf(accounts.values()));
    }

    static boolean isName(String name) {
        return name.matches(NAME_FORM);
    }

    private static JsonObject objectIn(JsonObject parent, String name, JsonValue value) throws JsonException {
        if (value instanceof JsonObject object) {
            return object;
        }
        throw parent.error(name, "must be an array of objects");
    }

    /** {@code base}: what is so where nothing is said. */
    private Tier tier(JsonObject json, Tier base) throws JsonException {
        ConfigFile.onlyKnows(json, List.of("requests_per_second", "burst", "bytes_per_second", "visitor_requests_per_second", "visitor_burst", "visitor_bytes_per_second",
                "bytes_per_month", "connections", "tunnels", "tcp", "tls", "names", "ports"));
        return new Tier(base.name(), rates(json, "", base.all()), rates(json, "visitor_", base.visitor()), json.integer("bytes_per_month", 1, MOST, base.bytesPerMonth()),
                json.integer("connections", 1, MOST, base.connections()), json.integer("tunnels", 0, MOST, base.tunnels()), json.bool("tcp", base.tcp()),
                json.bool("tls", base.tls()), new Holdings(names(json, "names"), ports(json, "ports")));
    }

    private static Rates rates(JsonObject json, String prefix, Rates base) throws JsonException {
        long requests = json.integer(prefix + "requests_per_second", 1, MOST_PER_SECOND, base.requests());
        // A second's worth, where a rate is given and nothing else.
        long burst = json.integer(prefix + "burst", 1, MOST_PER_SECOND, requests == base.requests() ? base.burst() : requests);
        if (burst != Tier.NO_LIMIT && requests == Tier.NO_LIMIT) {
            throw json.error(prefix + "burst", "needs '" + prefix + "requests_per_second' beside it");
        }
        return new Rates(requests, burst, json.integer(prefix + "bytes_per_second", 1, MOST, base.bytes()));
    }

    private Account account(JsonObject json) throws JsonException {
        ConfigFile.onlyKnows(json, List.of("name", "tier", "names", "ports", "tokens", "token_sha256", "certificate_names", "certificate_alone"));
        String name = json.string("name");
        if (!isName(name)) {
            throw json.error("name", NAME_IN_WORDS);
        }
        Tier tier = tiers.get(json.string("tier"));
        if (tier == null) {
            throw json.error("tier", "must be one of " + String.join(", ", tiers.keySet()));
        }
        List<Account.Token> tokens = new ArrayList<>();
        for (JsonValue value : json.arrayOrEmpty("tokens")) {
            tokens.add(token(objectIn(json, "tokens", value), tokens));
        }
        for (String digest : json.strings("token_sha256")) {
            tokens.add(new Account.Token(digest.substring(0, Math.min(ID_CHARS, digest.length())), digest(json, "token_sha256", digest), null, null));
        }
        Set<String> certificateNames = new HashSet<>(json.strings("certificate_names"));
        for (String certificate : certificateNames) {
            if (certificates.putIfAbsent(certificate, name) != null) {
                throw json.error("certificate_names", "has a name that account " + certificates.get(certificate) + " has already");
            }
        }
        return new Account(name, tier, new Holdings(names(json, "names"), ports(json, "ports")), List.copyOf(tokens), Set.copyOf(certificateNames),
                json.bool("certificate_alone", !json.has("tokens") && !json.has("token_sha256")));
    }

    private Account.Token token(JsonObject json, List<Account.Token> others) throws JsonException {
        ConfigFile.onlyKnows(json, List.of("id", "sha256", "created", "expires", "may"));
        String id = json.string("id");
        if (!isName(id)) {
            throw json.error("id", NAME_IN_WORDS);
        }
        if (others.stream().anyMatch(other -> other.id().equals(id))) {
            throw json.error("id", "is another token's of the same account already");
        }
        instant(json, "created");
        return new Account.Token(id, digest(json, "sha256", json.string("sha256")), instant(json, "expires"), json.has("may") ? may(json) : null);
    }

    private byte[] digest(JsonObject json, String field, String text) throws JsonException {
        if (!text.matches("[0-9a-f]{64}")) {
            throw json.error(field, "must be the SHA-256 of a token in 64 hexadecimal digits, as 'token NAME' prints it");
        }
        if (!digests.add(text)) {
            throw json.error(field, "is there twice: a token is one account's");
        }
        return HexFormat.of().parseHex(text);
    }

    /** Null when it is absent. A day begins at midnight, UTC. */
    private static Instant instant(JsonObject json, String field) throws JsonException {
        String text = json.string(field, null);
        if (text == null) {
            return null;
        }
        try {
            return text.length() > 10 ? Instant.parse(text) : LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
        } catch (DateTimeException e) {
            throw json.error(field, "must be a day, such as 2027-01-31, or a moment, such as 2027-01-31T12:00:00Z");
        }
    }

    private Holdings may(JsonObject json) throws JsonException {
        try {
            return Holdings.ofUses(json.strings("may"), domain);
        } catch (IllegalArgumentException e) {
            throw json.error("may", "cannot be read: " + e.getMessage());
        }
    }

    private List<NamePattern> names(JsonObject json, String field) throws JsonException {
        return parsed(json, field, text -> new NamePattern(text).below(domain));
    }

    private static List<PortRange> ports(JsonObject json, String field) throws JsonException {
        return parsed(json, field, PortRange::parse);
    }

    private static <T> List<T> parsed(JsonObject json, String field, Function<String, T> parser) throws JsonException {
        List<T> all = new ArrayList<>();
        for (String text : json.strings(field)) {
            all.add(parsed(json, field, text, parser));
        }
        return List.copyOf(all);
    }

    private static <T> T parsed(JsonObject json, String field, String text, Function<String, T> parser) throws JsonException {
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            throw json.error(field, "cannot be read: " + e.getMessage());
        }
    }
}
