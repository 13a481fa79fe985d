package tunnelforge.mux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the next process of an agent learns of this one. */
final class JournalTest {
    private static final String ONE = "1".repeat(32);
    private static final String TWO = "2".repeat(32);

    @TempDir
    private Path folder;
    private Journal journal;

    @BeforeEach
    void begin() throws IOException {
        journal = open("this boot");
    }

    private Journal open(String boot) throws IOException {
        try (FileChannel file = FileChannel.open(folder.resolve("journal"), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return new Journal(file, boot);
        }
    }

    /** As the next process finds it. */
    private Journal.Record next(String connectionId) throws IOException {
        return open("this boot").ofLastProcess().stream().filter(record -> record.connectionId().equals(connectionId)).findFirst().orElse(null);
    }

    @Test
    void theNextProcessKnowsWhatWasGiven() throws IOException {
        Journal.Record one = journal.begin(ONE);
        one.given(1);
        one.given(5);
        one.given(3);
        journal.begin(TWO).given(2);
        Journal.Record found = next(ONE);
        List.of(1, 3, 5).forEach(id -> assertTrue(found.mayHaveBeenGiven(id), id::toString));
        List.of(2, 4, 6, 1_000_000).forEach(id -> assertFalse(found.mayHaveBeenGiven(id), id::toString));
        assertFalse(next(TWO).mayHaveBeenGiven(1));
        assertTrue(next(TWO).mayHaveBeenGiven(2));
    }

    @Test
    void ofWhatIsTooLongAgoNothingIsKnown() throws IOException {
        Journal.Record one = journal.begin(ONE);
        for (int id = 2; id <= 3 * Journal.IDS; id += 2) {
            one.given(id);
        }
        Journal.Record found = next(ONE);
        assertTrue(found.mayHaveBeenGiven(1));
        assertTrue(found.mayHaveBeenGiven(2 * Journal.IDS - 1));
        assertFalse(found.mayHaveBeenGiven(2 * Journal.IDS + 1));
        assertFalse(found.mayHaveBeenGiven(3 * Journal.IDS + 1));
        one.given(10 * Journal.IDS);
        assertFalse(found.mayHaveBeenGiven(10 * Journal.IDS - 1), "what was there is not taken for it");
        assertTrue(found.mayHaveBeenGiven(3 * Journal.IDS));
    }

    @Test
    void whatIsFreedIsForgottenAndItsPlaceIsUsedAgain() throws IOException {
        Journal.Record one = journal.begin(ONE);
        one.given(7);
        one.free();
        one.given(8);
        one.free();
        assertNull(next(ONE));
        for (int i = 0; i < Journal.CONNECTIONS; i++) {
            assertNotNull(journal.begin("%032d".formatted(i)));
        }
        assertNull(journal.begin(ONE), "there is no room");
        assertFalse(next("%032d".formatted(0)).mayHaveBeenGiven(7));
    }

    /** The next process may be killed as well, and the third is to know of the first. */
    @Test
    void whatTheNextProcessRunsForTheLastIsKnownToTheOneAfterIt() throws IOException {
        journal.begin(ONE).given(1);
        next(ONE).given(2);
        assertTrue(next(ONE).mayHaveBeenGiven(1));
        assertTrue(next(ONE).mayHaveBeenGiven(2));
        assertFalse(next(ONE).mayHaveBeenGiven(3));
    }

    /** Some of it may not have reached the disk. */
    @Test
    void anotherRunOfTheMachineIsNotTrusted() throws IOException {
        journal.begin(ONE).given(1);
        assertEquals(List.of(), open("another boot").ofLastProcess());
        assertNull(next(ONE));
    }

    @Test
    void whatIsNoJournalIsReplaced() throws IOException {
        Files.writeString(folder.resolve("journal"), "something else");
        assertEquals(List.of(), open("this boot").ofLastProcess());
        assertNull(journal.begin("an id of another kind"));
    }
}
