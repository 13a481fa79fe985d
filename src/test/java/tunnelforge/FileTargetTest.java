package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A directory that the agent itself serves, as visitors see it. */
final class FileTargetTest {
    private static final String DATE = "Sun, 06 Nov 1994 08:49:37 GMT";
    private static final FileTime MODIFIED = FileTime.from(Instant.parse("1994-11-06T08:49:37.5Z"));
    /** The JDK finds only what the locale can write. */
    private static final boolean UTF_8 = "UTF-8".equals(System.getProperty("sun.jnu.encoding"));
    private static final String GREEN = UTF_8 ? "grün" : "green";
    private static final String GREEN_ENCODED = UTF_8 ? "gr%C3%BCn" : "green";
    private static final byte[] LARGE = Bodies.ofSize(5_000_003);

    @TempDir
    private static Path folder;
    private static Path root;
    private static TunnelFixture tunnel;

    @BeforeAll
    static void start() throws Exception {
        root = Files.createDirectories(folder.resolve("my files"));
        write("ten.txt", "0123456789");
        write("empty", "");
        write("json", "no extension");
        write("sub/page.HTML", "<p>");
        write("index/index.html", "the index");
        write("odd/a & b <i>'\".txt", "odd");
        write("odd/100%25 #1?.txt", "odd");
        write("odd/javascript:alert(1)", "odd");
        write("odd/" + GREEN + "\n/x", "odd");
        write("../secret.txt", "secret");
        Files.write(root.resolve("large.bin"), LARGE);
        Files.setLastModifiedTime(root.resolve("large.bin"), MODIFIED);
        Files.createSymbolicLink(root.resolve("inside"), Path.of("ten.txt"));
        Files.createSymbolicLink(root.resolve("outside"), Path.of("../secret.txt"));
        tunnel = TunnelFixture.start(new TunnelFixture.Options().target("file://" + root.toString().replace(" ", "%20")));
    }

    private static void write(String name, String text) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        Files.setLastModifiedTime(file, MODIFIED);
    }

    @AfterEach
    void settle() throws IOException {
        tunnel.settle();
    }

    @AfterAll
    static void stop() throws IOException {
        tunnel.close();
    }

    private static Message request(String methodAndTarget, String... lines) throws IOException {
        try (Peer visitor = tunnel.visitor()) {
            return visitor.send(tunnel.head(methodAndTarget, lines)).readResponse(methodAndTarget.split(" ")[0]);
        }
    }

    // ---- Files. ----

    @Test
    void aFileIsServedWithWhatIsKnownOfIt() throws IOException {
        Message response = tunnel.get("/ten.txt?query");
        assertEquals(200, response.status());
        assertEquals("0123456789", response.text());
        assertEquals("10", response.get("Content-Length"));
        assertEquals("text/plain; charset=utf-8", response.get("Content-Type"));
        assertEquals(DATE, response.get("Last-Modified"));
        assertEquals("bytes", response.get("Accept-Ranges"));
        assertEquals(1, response.all("Date").size());
        assertNull(response.get("TunnelForge-Error"));
        assertEquals("text/html; charset=utf-8", tunnel.get("/sub/page.HTML").get("Content-Type"));
        assertEquals("application/octet-stream", tunnel.get("/json").get("Content-Type"));
        assertEquals("", tunnel.get("/empty").text());
    }

    @Test
    void headIsTheSameWithoutTheBody() throws IOException {
        Peer visitor = tunnel.visitor();
        for (String target : List.of("/ten.txt", "/large.bin", "/", "/none", "/sub")) {
            Message whole = visitor.send(tunnel.head("GET " + target)).readResponse();
            Message head = visitor.send(tunnel.head("HEAD " + target, "Range: bytes=0-1")).readResponse("HEAD");
            assertEquals(whole.head().replaceFirst("Date: .*", ""), head.head().replaceFirst("Date: .*", ""));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS", "PATCH", "get"})
    void otherMethodsAreNotAllowed(String method) throws IOException {
        Peer visitor = tunnel.visitor();
        Message response = visitor.send(tunnel.head(method + " /ten.txt", "Content-Length: 5") + "hello").readResponse();
        assertEquals(405, response.status());
        assertEquals("GET, HEAD", response.get("Allow"));
        assertEquals("0123456789", tunnel.get("/ten.txt").text());
    }

    @Test
    void aRequestsBodyAndItsWishToUpgradeAreIgnored() throws IOException {
        assertEquals("0123456789", tunnel.visitor().send(tunnel.head("GET /ten.txt", "Content-Length: 5") + "hello").readResponse().text());
        assertEquals("0123456789", request("GET /ten.txt", "Connection: Upgrade", "Upgrade: websocket").text());
    }

    @Test
    void aLargeFileArrivesByteForByte() throws IOException {
        assertArrayEquals(LARGE, tunnel.get("/large.bin").body());
    }

    @Test
    void manyAreServedOnOneConnection() throws IOException {
        Peer visitor = tunnel.visitor();
        for (int i = 0; i < 50; i++) {
            visitor.send(tunnel.head("GET " + (i % 2 == 0 ? "/ten.txt" : "/none")));
        }
        for (int i = 0; i < 50; i++) {
            assertEquals(i % 2 == 0 ? 200 : 404, visitor.readResponse().status());
        }
    }

    // ---- Nothing else. ----

    @ParameterizedTest
    @CsvSource({"/none, 404", "/../secret.txt, 404", "/%2e%2e/secret.txt, 404", "/sub/../../secret.txt, 404", "/.%2E/secret.txt, 404", "/..%2fsecret.txt, 400",
        "/sub%2fpage.HTML, 400", "/%2e%2e%2fsecret.txt, 400", "/..%5csecret.txt, 400", "/%252e%252e/secret.txt, 404", "//etc/passwd, 404", "/ten.txt/, 404",
        "/ten.txt%00, 400", "/%zz, 400", "/%, 400", "/%ff, 400", "/outside, 404", "/ten.txt/x, 404", "/none/, 404"})
    void whatIsNotInsideIsNotServed(String target, int status) throws IOException {
        Message response = tunnel.get(target);
        assertEquals(status, response.status());
        assertFalse(response.text().contains("secret"), response.text());
    }

    @Test
    void aLinkToAFileInsideIsServed() throws IOException {
        assertEquals("0123456789", tunnel.get("/inside").text());
    }

    // ---- Directories. ----

    @Test
    void aDirectoryIsListedSorted() throws IOException {
        Message page = tunnel.get("/");
        assertEquals("text/html; charset=utf-8", page.get("Content-Type"));
        assertEquals(List.of("empty", "index/", "inside", "json", "large.bin", "odd/", "sub/", "ten.txt"), links(page));
        assertEquals("../", links(tunnel.get("/sub/")).get(0));
    }

    private static List<String> links(Message page) {
        return Pattern.compile("<a href=\"([^\"]*)\">").matcher(page.text()).results().map(link -> link.group(1)).toList();
    }

    @Test
    void oddNamesAreEscapedAndTheirLinksWork() throws IOException {
        Message page = tunnel.get("/odd/");
        assertTrue(page.text().contains(">a &amp; b &lt;i&gt;&#39;&quot;.txt</a>"), page.text());
        assertFalse(page.text().contains("<i>"));
        List<String> links = links(page);
        assertEquals(List.of("../", "100%2525%20%231%3F.txt", "a%20%26%20b%20%3Ci%3E%27%22.txt", GREEN_ENCODED + "%0A/", "javascript%3Aalert%281%29"), links);
        for (String link : links.subList(1, links.size())) {
            assertEquals("odd", tunnel.get("/odd/" + link + (link.endsWith("/") ? "x" : "")).text());
        }
    }

    @Test
    void aDirectoryWithoutItsSlashIsSentThere() throws IOException {
        Message response = tunnel.get("/odd/" + GREEN_ENCODED.toLowerCase(Locale.ROOT) + "%0a?a=%2f");
        assertEquals(301, response.status());
        assertEquals("/odd/" + GREEN_ENCODED + "%0A/?a=%2f", response.get("Location"));
        assertEquals("/sub/", tunnel.get("/sub").get("Location"));
    }

    @Test
    void anIndexStandsForItsDirectory() throws IOException {
        Message response = tunnel.get("/index/");
        assertEquals("the index", response.text());
        assertEquals("text/html; charset=utf-8", response.get("Content-Type"));
        assertEquals(206, request("GET /index/", "Range: bytes=0-2").status());
    }

    @Test
    void manyNamesAreListed() throws IOException {
        Path many = Files.createDirectories(root.resolve("sub/many"));
        for (int i = 0; i < 3_000; i++) {
            Files.createFile(many.resolve("a name of some length, number " + i));
        }
        assertEquals(3_001, links(tunnel.get("/sub/many/")).size());
    }

    // ---- Ranges. ----

    @ParameterizedTest
    @CsvSource({"bytes=0-0, 0, 0, 0-0", "bytes=2-4, 2, 4, 2-4", "bytes=9-, 9, 9, 9-9", "bytes=5-99, 5, 9, 5-9", "bytes=-3, 7, 9, 7-9", "bytes=-99, 0, 9, 0-9"})
    void aPartIsServed(String range, int first, int last, String named) throws IOException {
        Message response = request("GET /ten.txt", "Range: " + range);
        assertEquals(206, response.status());
        assertEquals("0123456789".substring(first, last + 1), response.text());
        assertEquals("bytes " + named + "/10", response.get("Content-Range"));
        assertEquals(DATE, response.get("Last-Modified"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=10-", "bytes=10-20", "bytes=-0"})
    void aPartBeyondTheEndIsNot(String range) throws IOException {
        Message response = request("GET /ten.txt", "Range: " + range);
        assertEquals(416, response.status());
        assertEquals("bytes */10", response.get("Content-Range"));
    }

    @Test
    void whatIsNotOnePartIsTheWhole() throws IOException {
        for (String range : List.of("bytes=0-1,3-4", "items=0-1", "bytes=5-2", "nonsense")) {
            Message response = request("GET /ten.txt", "Range: " + range);
            assertEquals(200, response.status(), range);
            assertEquals("0123456789", response.text());
        }
        assertEquals(200, request("GET /ten.txt", "Range: bytes=0-1", "Range: bytes=0-1").status());
    }

    @Test
    void aDownloadThatBrokeOffIsResumed() throws IOException {
        int half = LARGE.length / 2;
        Peer first = tunnel.visitor();
        String modified = first.send(tunnel.head("GET /large.bin")).readResponseHead().get("Last-Modified");
        byte[] begun = first.read(half);
        first.reset();
        Message rest = request("GET /large.bin", "Range: bytes=" + half + "-", "If-Range: " + modified);
        assertEquals(206, rest.status());
        assertArrayEquals(Arrays.copyOf(LARGE, half), begun);
        assertArrayEquals(Arrays.copyOfRange(LARGE, half, LARGE.length), rest.body());
    }

    // ---- Conditions. ----

    @Test
    void whatTheVisitorHasIsNotSentAgain() throws IOException {
        Message response = request("GET /ten.txt", "If-Modified-Since: " + DATE);
        assertEquals(304, response.status());
        assertEquals(DATE, response.get("Last-Modified"));
        assertNull(response.get("Content-Length"));
        assertEquals(304, request("GET /ten.txt", "If-Modified-Since: Mon, 07 Nov 1994 00:00:00 GMT", "Range: bytes=0-1").status());
        assertEquals(304, request("HEAD /ten.txt", "If-Modified-Since: " + DATE).status());
        assertEquals(304, request("GET /ten.txt", "If-None-Match: *").status());
        assertEquals(200, request("GET /ten.txt", "If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT").status());
        assertEquals(200, request("GET /ten.txt", "If-Modified-Since: yesterday").status());
        assertEquals(200, request("GET /ten.txt", "If-Modified-Since: " + DATE, "If-None-Match: \"tag\"").status());
    }

    @Test
    void aPartOfAnotherVersionIsTheWhole() throws IOException {
        for (String version : List.of("Sun, 06 Nov 1994 08:49:36 GMT", "Sun, 06 Nov 1994 08:49:38 GMT", "\"tag\"", "W/\"tag\"", "x")) {
            assertEquals(200, request("GET /ten.txt", "Range: bytes=0-1", "If-Range: " + version).status(), version);
        }
        assertEquals(206, request("GET /ten.txt", "Range: bytes=0-1", "If-Range: " + DATE).status());
    }

    @Test
    void aConditionThatFailsIsSaid() throws IOException {
        assertEquals(412, request("GET /ten.txt", "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT").status());
        assertEquals(412, request("GET /ten.txt", "If-Match: \"tag\"").status());
        assertEquals(200, request("GET /ten.txt", "If-Unmodified-Since: " + DATE).status());
        assertEquals(200, request("GET /ten.txt", "If-Match: *").status());
    }

    /** Within a second it may change again, and its date would be the same. */
    @Test
    void aFileThatHasJustChangedHasNoDate() throws IOException {
        write("sub/new", "new");
        Files.setLastModifiedTime(root.resolve("sub/new"), FileTime.from(Instant.now().plusSeconds(100)));
        Message response = request("GET /sub/new", "Range: bytes=0-1", "If-Range: " + DATE);
        assertEquals(200, response.status());
        assertNull(response.get("Last-Modified"));
    }

    // ---- Files that change while they are sent. ----

    private static Path sparse(String name, long size) throws IOException {
        Path file = root.resolve("sub").resolve(name);
        try (RandomAccessFile made = new RandomAccessFile(file.toFile(), "rw")) {
            made.setLength(size);
        }
        return file;
    }

    @Test
    void aFileThatShrinksLooksBroken() throws IOException {
        long size = 200_000_000;
        Path file = sparse("shrinks", size);
        Peer visitor = tunnel.visitor();
        assertEquals(Long.toString(size), visitor.send(tunnel.head("GET /sub/shrinks")).readResponseHead().get("Content-Length"));
        visitor.read(100_000);
        Files.write(file, new byte[0], StandardOpenOption.TRUNCATE_EXISTING);
        long rest = 0;
        try {
            byte[] buffer = new byte[64 * 1024];
            for (int count; (count = visitor.in().read(buffer)) >= 0; rest += count) {
                // Until it ends, in whatever way.
            }
        } catch (IOException broken) {
            // As it should be.
        }
        assertTrue(100_000 + rest < size);
        Files.delete(file);
        Eventually.await("the agent says so", () -> !tunnel.agent().log().entries("file_failed").isEmpty());
    }

    @Test
    void aFileThatGrowsIsSentToTheAnnouncedLength() throws IOException {
        int size = 40_000_000;
        Path file = sparse("grows", size);
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /sub/grows"));
        assertEquals(Integer.toString(size), visitor.readResponseHead().get("Content-Length"));
        Files.writeString(file, "more", StandardOpenOption.APPEND);
        visitor.read(size);
        visitor.send(tunnel.head("GET /ten.txt"));
        assertEquals("0123456789", visitor.readResponse().text());
        Files.delete(file);
    }

    @Test
    void aVisitorWhoLeavesEndsTheExchange() throws IOException {
        Path file = sparse("left", 200_000_000);
        Peer visitor = tunnel.visitor();
        visitor.send(tunnel.head("GET /sub/left")).readResponseHead();
        visitor.reset();
        tunnel.settle();
        Files.delete(file);
    }

    @Test
    void aSlowVisitorHoldsUpNobody() throws IOException {
        Peer slow = tunnel.visitor();
        slow.send(tunnel.head("GET /large.bin")).readResponseHead();
        for (int i = 0; i < 10; i++) {
            assertEquals("0123456789", tunnel.get("/ten.txt").text());
        }
        assertArrayEquals(LARGE, slow.read(LARGE.length));
    }
}
