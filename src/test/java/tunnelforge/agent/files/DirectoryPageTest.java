package tunnelforge.agent.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.agent.tunnel.Request;
import tunnelforge.agent.tunnel.ResponseSink;
import tunnelforge.http.BodySink;
import tunnelforge.http.BodySource;
import tunnelforge.http.Fields;
import tunnelforge.http.Framing;
import tunnelforge.http.RequestHead;
import tunnelforge.http.ResponseHead;
import tunnelforge.log.RecordingLog;
import tunnelforge.net.Ledger;
import tunnelforge.wire.ResetCode;

/** A listing, and the memory that is reserved before it is made. */
final class DirectoryPageTest {
    @TempDir
    private Path root;

    @ParameterizedTest
    @ValueSource(strings = {"plain.txt", "\"&'<>", "\u00e9\u00e9", "\u4e2d\u6587", "\ud83d\ude00", "sub/"})
    void aPageIsNeverLargerThanWhatIsReservedForIt(String name) throws Exception {
        RequestPath path = RequestPath.parse("/%22%C3%A9%26/");
        for (int count : new int[] {0, 1, 1_000}) {
            ServedDirectory.Listing listing = new ServedDirectory.Listing(Collections.nCopies(count, name), false);
            String page = DirectoryPage.html(path, listing);
            long copies = 2L * 2 * page.length() + page.getBytes(StandardCharsets.UTF_8).length;
            assertTrue(copies <= DirectoryPage.bytes(path, listing), copies + " > " + DirectoryPage.bytes(path, listing));
        }
    }

    private record Get(String target) implements Request {
        @Override
        public RequestHead head() {
            return new RequestHead("GET", target, 1, new Fields());
        }

        @Override
        public Framing framing() {
            return Framing.NONE;
        }

        @Override
        public boolean upgrade() {
            return false;
        }

        @Override
        public int wholeContent() {
            return 0;
        }

        @Override
        public void content(BodySink to) throws IOException {
            to.end(new Fields());
        }

        @Override
        public void given() {
            // Nobody asks for it again.
        }

        @Override
        public boolean isOver() {
            return false;
        }

        @Override
        public Hook onEnd(Runnable hook) {
            return () -> { };
        }
    }

    /** Keeps the status, and what was reserved while the answer was sent. */
    private static final class Answer implements ResponseSink {
        private final Ledger memory;
        private int status;
        private long reserved;

        Answer(Ledger memory) {
            this.memory = memory;
        }

        @Override
        public void informational(ResponseHead head) {
            throw new AssertionError(head);
        }

        @Override
        public void respond(ResponseHead head, BodySource body) {
            status = head.status();
            reserved = memory.used();
        }

        @Override
        public void upgrade(ResponseHead head, BodySource from, BodySink to) {
            throw new AssertionError(head);
        }

        @Override
        public void fail(ResetCode code, String reason) {
            throw new AssertionError(reason);
        }
    }

    @Test
    void aListingIsReservedBeforeItIsMade() throws Exception {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            names.add(Files.createFile(root.resolve("file-" + i)).getFileName().toString());
        }
        long needed = DirectoryPage.bytes(RequestPath.parse("/"), new ServedDirectory.Listing(names, true));
        for (boolean enough : new boolean[] {true, false}) {
            Ledger memory = new Ledger(enough ? 2 * needed : 2 * needed - 2);
            Answer answer = new Answer(memory);
            new FileResponder(root, memory, new RecordingLog().log()).serve(new Get("/"), answer);
            assertEquals(enough ? 200 : 503, answer.status);
            assertEquals(enough ? needed : 0, answer.reserved);
            assertEquals(0, memory.used());
        }
    }
}
