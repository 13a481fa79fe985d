package tunnelforge.agent.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * What is found in a directory, and nothing outside it: links are resolved first, what they lead to must be inside, and it is then opened
 * step by step from the root without following any link, so that nothing that changes meanwhile leads out. Hidden names (with a leading
 * dot) are not found, but for {@code .well-known} in the root (RFC 8615).
 */
final class ServedDirectory {
    /** More entries are not listed. */
    static final int MAX_LISTED = 10_000;

    static final String INDEX = "index.html";
    private static final String WELL_KNOWN = ".well-known";
    private static final Set<OpenOption> READ = Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    /** Stands for bytes of a name that are no characters here, so that it cannot be asked for. */
    private static final char UNREADABLE = '\ufffd';
    /** A file that is replaced while it is opened is opened again. */
    private static final int ATTEMPTS = 3;

    private final Path root;

    ServedDirectory(Path root) {
        this.root = root;
    }

    /** What is there. */
    sealed interface Found {
    }

    /**
     * A file, open for reading from its beginning.
     *
     * @param length bytes when it was opened
     * @param modified when its content changed last
     */
    record OpenFile(SeekableByteChannel channel, long length, Instant modified) implements Found, AutoCloseable {
        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    /**
     * A directory without an index.
     *
     * @param names of what can be asked for, sorted; those of directories end with a slash
     * @param complete false when there is more
     */
    record Listing(List<String> names, boolean complete) implements Found {
    }

    /** A directory that was asked for without its slash. */
    record SlashMissing() implements Found {
    }

    /** Where a path leads, links resolved, and the real path of the root that it is in. */
    private record Place(Path root, Path path) {
    }

    /**
     * Finds what a path names.
     *
     * @throws NoSuchFileException when there is nothing that may be served
     * @throws IOException when it cannot be read
     */
    Found find(RequestPath path) throws IOException {
        if (attributes(place(path).path()).isDirectory()) {
            return path.directory() ? indexOrListing(path) : new SlashMissing();
        }
        if (path.directory()) {
            throw new NoSuchFileException(path.text());
        }
        return open(path);
    }

    private Found indexOrListing(RequestPath path) throws IOException {
        try {
            return open(path.child(INDEX));
        } catch (NoSuchFileException e) {
            return list(path);
        }
    }

    private static BasicFileAttributes attributes(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    private Place place(RequestPath path) throws IOException {
        Path real;
        Path asked;
        Path found;
        try {
            real = root.toRealPath();
            asked = real;
            for (String segment : path.segments()) {
                asked = asked.resolve(segment);
            }
            found = asked.toRealPath();
        } catch (IOException | InvalidPathException e) {
            // Also a name that is too long, a circle of links, a file where a directory would have to be.
            throw new NoSuchFileException(path.text(), null, e.getMessage());
        }
        if (!found.startsWith(real) || isHidden(real.relativize(asked)) || isHidden(real.relativize(found))) {
            throw new NoSuchFileException(path.text(), null, "hidden, or outside");
        }
        return new Place(real, found);
    }

    private static boolean isHidden(Path relative) {
        for (int i = 0; i < relative.getNameCount(); i++) {
            if (isHidden(relative.getName(i).toString(), i == 0)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isHidden(String name, boolean inRoot) {
        return name.startsWith(".") && !(inRoot && name.equals(WELL_KNOWN));
    }

    // ---- Files. ----

    private OpenFile open(RequestPath path) throws IOException {
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
            Place place = place(path);
            BasicFileAttributes before = attributes(place.path());
            if (!before.isRegularFile()) {
                // Opening one of these might wait, or do something.
                throw new NoSuchFileException(path.text(), null, "no regular file");
            }
            SeekableByteChannel channel = open(place);
            try {
                BasicFileAttributes now = attributes(place.path());
                if (Objects.equals(before.fileKey(), now.fileKey()) && now.isRegularFile()) {
                    return new OpenFile(channel, channel.size(), now.lastModifiedTime().toInstant());
                }
            } catch (IOException e) {
                channel.close();
                throw e;
            }
            channel.close();
        }
        throw new NoSuchFileException(path.text(), null, "replaced all the time");
    }

    private static SeekableByteChannel open(Place file) throws IOException {
        try (DirectoryStream<Path> folder = folder(new Place(file.root(), file.path().getParent()))) {
            return folder instanceof SecureDirectoryStream<Path> secure ? secure.newByteChannel(file.path().getFileName(), READ)
                    : FileChannel.open(file.path(), READ);
        }
    }

    /** A directory, opened step by step; where the system has no way to do so, by its path. */
    private static DirectoryStream<Path> folder(Place place) throws IOException {
        DirectoryStream<Path> folder = Files.newDirectoryStream(place.root());
        if (place.path().equals(place.root())) {
            return folder;
        }
        if (!(folder instanceof SecureDirectoryStream<Path>)) {
            folder.close();
            return Files.newDirectoryStream(place.path());
        }
        for (Path name : place.root().relativize(place.path())) {
            try (DirectoryStream<Path> above = folder) {
                folder = ((SecureDirectoryStream<Path>) above).newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS);
            }
        }
        return folder;
    }

    // ---- Listings. ----

    private Listing list(RequestPath path) throws IOException {
        Place place = place(path);
        List<String> names = new ArrayList<>();
        boolean complete = true;
        try (DirectoryStream<Path> entries = folder(place)) {
            for (Path entry : entries) {
                String shown = shown(path, entries, entry);
                if (shown != null) {
                    complete = names.size() < MAX_LISTED;
                    if (!complete) {
                        break;
                    }
                    names.add(shown);
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        names.sort(String.CASE_INSENSITIVE_ORDER.thenComparing(Comparator.naturalOrder()));
        return new Listing(List.copyOf(names), complete);
    }

    /** The name as it is listed; null for what would not be found. */
    private String shown(RequestPath path, DirectoryStream<Path> entries, Path entry) {
        String name = entry.getFileName().toString();
        if (name.indexOf('\\') >= 0 || name.indexOf(UNREADABLE) >= 0 || isHidden(name, path.segments().isEmpty())) {
            return null;
        }
        try {
            BasicFileAttributes attributes = entries instanceof SecureDirectoryStream<Path> secure
                    ? secure.getFileAttributeView(entry.getFileName(), BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS).readAttributes()
                    : attributes(entry);
            if (attributes.isSymbolicLink()) {
                attributes = attributes(place(path.child(name)).path());
            }
            return attributes.isDirectory() ? name + "/" : attributes.isRegularFile() ? name : null;
        } catch (IOException e) {
            // Gone, or a link that leads nowhere or out.
            return null;
        }
    }
}
