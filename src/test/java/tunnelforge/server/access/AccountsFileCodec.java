package tunnelforge.server.access;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import tunnelforge.fuzz.Codec;

/** The file of accounts, which an operator writes, for the fuzzer. */
public final class AccountsFileCodec {
    private static final String DOMAIN = "tunnel.example";

    private AccountsFileCodec() {
    }

    public static Codec<?> accountsFiles() {
        Path file = file();
        return Codec.<AccountBook>ofOctets("accounts-files", (in, found) -> {
            Files.write(file, in.octets());
            found.accept(AccountsFile.read(file, DOMAIN));
        }).from("{}", "{ \"tiers\": {\"team\": {\"requests_per_second\": 5, \"burst\": 9, \"bytes_per_month\": 7, \"tcp\": true, \"names\": [\"team-*\"], \"ports\": [\"20100-20199\"]}, }, /* ours */\n"
                + " \"accounts\": [{\"name\": \"a\", \"tier\": \"team\", \"names\": [\"a\", \"app.example.org\"], \"tokens\": [{\"id\": \"1\", \"sha256\": \"" + "ab".repeat(32)
                + "\", \"created\": \"2026-11-26\", \"expires\": \"2027-01-31T00:00:00Z\", \"may\": [\"name:demo-*\", \"port:20000-20010\"]}], \"certificate_names\": [\"x\"]}] }",
            "{\"accounts\": [{\"name\": \"a\", \"tier\": \"free\", \"token_sha256\": [\"" + "cd".repeat(32) + "\"]}, {\"name\": \"b\", \"tier\": \"pro\"}]}",
            "{\"acounts\": []}", "{\"tiers\": {\"free\": {\"burst\": 1}}}")
            .spicedWith("\"tiers\":", "\"accounts\":", "\"name\":", "\"tokens\":", "\"may\":", "name:", "port:", "*", "..", "null", "[]", "\\u0000", ",", "2026-02-30")
            .refusesBy(IOException.class).inWords(AccountsFileCodec::words).allocates(192 * 1024, 384).suchThat(book -> {
                for (Account account : book.accounts()) {
                    assertTrue(AccountsFile.isName(account.name()));
                    account.own().names().stream().filter(NamePattern::isWhole).forEach(name -> assertTrue(book.isReservedName(name.text())));
                    for (Account.Token token : account.tokens()) {
                        assertSame(account, book.byToken(token.sha256()).account());
                        assertFalse(token.id().isEmpty());
                    }
                }
            });
    }

    private static String words(AccountBook book) {
        return book.accounts().stream().map(account -> account.name() + account.tier() + account.own() + account.tokens().stream().map(Account.Token::id).toList()).collect(Collectors.joining());
    }

    private static Path file() {
        try {
            Path file = Files.createTempFile("tunnelforge-fuzz", ".json");
            file.toFile().deleteOnExit();
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
