package tunnelforge.agent.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is found in a directory, and that nothing else is. */
class ServedDirectoryTest {
    @TempDir
    private Path folder;
    private Path root;
    private ServedDirectory directory;

    @BeforeEach
    void fill() throws IOException {
        root = Files.createDirectories(folder.resolve("root"));
        Files.createDirectories(root.resolve("sub/deep"));
        write("root/a.txt", "a");
        write("root/sub/b.txt", "b");
        write("root/sub/deep/c.txt", "c");
        write("outside/secret.txt", "secret");
        write("root-2/secret.txt", "secret");
        directory = new ServedDirectory(root);
    }

    private void write(String path, String text) throws IOException {
        Path file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private void link(String path, String target) throws IOException {
        Files.createSymbolicLink(folder.resolve(path), Path.of(target));
    }

    private String read(String target) throws IOException {
        return switch (directory.find(RequestPath.parse(target))) {
            case ServedDirectory.OpenFile file -> {
                try (file) {
                    ByteBuffer bytes = ByteBuffer.allocate(100);
                    file.channel().read(bytes);
                    yield new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
                }
            }
            case ServedDirectory.Listing listing -> String.join(" ", listing.names()) + (listing.complete() ? "" : " ...");
            case ServedDirectory.SlashMissing missing -> "-> /";
        };
    }

    private void assertNothing(String target) {
        assertThrows(NoSuchFileException.class, () -> read(target), target);
    }

    @Test
    void filesAndDirectoriesAreFound() throws IOException {
        assertEquals("a", read("/a.txt"));
        assertEquals("c", read("/sub/deep/c.txt"));
        assertEquals("a.txt sub/", read("/"));
        assertEquals("b.txt deep/", read("/sub/"));
        assertEquals("-> /", read("/sub"));
        assertNothing("/none");
        assertNothing("/a.txt/");
        write("root/sub/index.html", "index");
        assertEquals("index", read("/sub/"));
    }

    @Test
    void aFileIsNoDirectory() {
        assertNothing("/a.txt/b");
    }

    @Test
    void linksInsideAreFollowed() throws IOException {
        link("root/file-link", "sub/b.txt");
        link("root/dir-link", root.resolve("sub").toString());
        link("root/sub/up-link", "..");
        assertEquals("b", read("/file-link"));
        assertEquals("b", read("/dir-link/b.txt"));
        assertEquals("b.txt deep/ up-link/", read("/dir-link/"));
        assertEquals("a", read("/sub/up-link/a.txt"));
        assertEquals("a.txt dir-link/ file-link sub/", read("/"));
    }

    @Test
    void linksThatLeadOutAreAsIfNotThere() throws IOException {
        link("root/file-link", "../outside/secret.txt");
        link("root/dir-link", folder.resolve("outside").toString());
        link("root/beside", "../root-2");
        link("root/up", "..");
        link("root/twice", "file-link");
        link("root/sub/index.html", "../../outside/secret.txt");
        link("root/nowhere", "gone");
        link("root/circle", "circle");
        for (String target : List.of("/file-link", "/dir-link/", "/dir-link", "/dir-link/secret.txt", "/beside/secret.txt", "/up/outside/secret.txt", "/twice", "/nowhere")) {
            assertNothing(target);
        }
        assertNothing("/circle");
        assertEquals("a.txt sub/", read("/"));
        assertEquals("b.txt deep/", read("/sub/"));
    }

    @Test
    void theRootMayBeALink() throws IOException {
        link("current", "root");
        directory = new ServedDirectory(folder.resolve("current"));
        assertEquals("b", read("/sub/b.txt"));
        Files.delete(folder.resolve("current"));
        assertNothing("/sub/b.txt");
        link("current", "root-2");
        assertEquals("secret.txt", read("/"));
    }

    @Test
    void hiddenNamesAreAsIfNotThere() throws IOException {
        write("root/.env", "secret");
        write("root/.git/config", "secret");
        write("root/sub/.htpasswd", "secret");
        write("root/.well-known/acme-challenge/token", "token");
        write("root/.well-known/.hidden", "secret");
        write("root/sub/.well-known/x", "secret");
        link("root/link", ".git/config");
        link("root/.link", "a.txt");
        for (String target : List.of("/.env", "/%2eenv", "/.git/", "/.git/config", "/sub/.htpasswd", "/.well-known/.hidden", "/sub/.well-known/x", "/link", "/.link")) {
            assertNothing(target);
        }
        assertEquals("token", read("/.well-known/acme-challenge/token"));
        assertEquals(".well-known/ a.txt sub/", read("/"));
        assertEquals("b.txt deep/", read("/sub/"));
        assertEquals("acme-challenge/", read("/.well-known/"));
    }

    @Test
    void whatIsNoRegularFileIsNotOpened() throws Exception {
        try {
            assumeTrue(new ProcessBuilder("mkfifo", root.resolve("pipe").toString()).start().waitFor() == 0);
        } catch (IOException e) {
            assumeTrue(false, "no mkfifo here");
        }
        assertNothing("/pipe");
        assertEquals("a.txt sub/", read("/"));
        directory = new ServedDirectory(Path.of("/dev"));
        assertNothing("/null");
    }

    @Test
    void aNameThatIsTooLongIsNotThere() {
        assertNothing("/" + "x".repeat(300));
        assertNothing("/" + "x/".repeat(5_000));
    }

    @Test
    void listingsAreBounded() throws IOException {
        Path many = Files.createDirectories(root.resolve("many"));
        for (int i = 0; i <= ServedDirectory.MAX_LISTED; i++) {
            Files.createFile(many.resolve("f" + i));
        }
        ServedDirectory.Listing listing = (ServedDirectory.Listing) directory.find(RequestPath.parse("/many/"));
        assertEquals(ServedDirectory.MAX_LISTED, listing.names().size());
        assertFalse(listing.complete());
        Files.delete(many.resolve("f0"));
        assertTrue(((ServedDirectory.Listing) directory.find(RequestPath.parse("/many/"))).complete());
    }

    /** A directory on the way is replaced by a link that leads out, and back, as fast as it can be. */
    @ParameterizedTest
    @ValueSource(strings = {"/swapped/secret.txt", "/swapped/"})
    void whatChangesMeanwhileDoesNotLeadOut(String target) throws Exception {
        write("root/swapped/secret.txt", "public");
        write("root/swapped/public", "");
        AtomicBoolean done = new AtomicBoolean();
        Thread swapper = Thread.ofPlatform().start(() -> {
            try {
                link("link", folder.resolve("outside").toString());
                while (!done.get()) {
                    Files.move(folder.resolve("root/swapped"), folder.resolve("aside"));
                    Files.move(folder.resolve("link"), folder.resolve("root/swapped"));
                    Files.move(folder.resolve("root/swapped"), folder.resolve("link"));
                    Files.move(folder.resolve("aside"), folder.resolve("root/swapped"));
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        int found = 0;
        try {
            long began = System.nanoTime();
            for (long now = began; now - began < 500_000_000L || found == 0 && now - began < 20_000_000_000L; now = System.nanoTime()) {
                try {
                    String text = read(target);
                    assertTrue(text.equals("public") || text.equals("public secret.txt"), "found: " + text);
                    found++;
                } catch (IOException e) {
                    // Just swapped.
                }
            }
        } finally {
            done.set(true);
            swapper.join();
        }
        assertTrue(found > 0);
    }
}
