package tunnelforge.agent.files;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import tunnelforge.http.HttpException;

/**
 * The path of a request target, decoded once and for good: no segment holds a separator.
 *
 * @param segments the names, none empty; none for the root
 * @param directory whether it ends with a slash
 * @param query with its question mark, as received; empty for none
 */
record RequestPath(List<String> segments, boolean directory, String query) {
    private static final String UNRESERVED = "-._~";

    /**
     * Reads a target in origin-form (RFC 9112 section 3.2.1).
     *
     * @throws HttpException 400 for an escape that is none, and for what cannot be in a name: NUL, a separator, what is not UTF-8
     * @throws NoSuchFileException for an empty segment and for {@code .} and {@code ..}, which clients of good will resolve themselves
     */
    static RequestPath parse(String target) throws HttpException, NoSuchFileException {
        int end = target.indexOf('?');
        String path = end < 0 ? target : target.substring(0, end);
        if (!path.startsWith("/")) {
            throw new HttpException(400, "the target is no path");
        }
        List<String> segments = new ArrayList<>();
        int from = 1;
        for (int slash; (slash = path.indexOf('/', from)) >= 0; from = slash + 1) {
            segments.add(name(path.substring(from, slash)));
        }
        if (from < path.length()) {
            segments.add(name(path.substring(from)));
        }
        return new RequestPath(List.copyOf(segments), from == path.length(), end < 0 ? "" : target.substring(end));
    }

    private static String name(String segment) throws HttpException, NoSuchFileException {
        String name = decoded(segment);
        if (name.isEmpty() || name.equals(".") || name.equals("..")) {
            throw new NoSuchFileException(name, null, "no name of a file");
        }
        if (name.indexOf('/') >= 0 || name.indexOf('\\') >= 0 || name.indexOf('\0') >= 0) {
            throw new HttpException(400, "a separator or NUL in a name");
        }
        return name;
    }

    private static String decoded(String segment) throws HttpException {
        ByteBuffer octets = ByteBuffer.allocate(segment.length());
        for (int i = 0; i < segment.length(); i++) {
            char c = segment.charAt(i);
            if (c != '%') {
                octets.put((byte) c);
            } else if (i + 2 < segment.length() && HexFormat.isHexDigit(segment.charAt(i + 1)) && HexFormat.isHexDigit(segment.charAt(i + 2))) {
                octets.put((byte) HexFormat.fromHexDigits(segment, i + 1, i + 3));
                i += 2;
            } else {
                throw new HttpException(400, "a % without two hexadecimal digits");
            }
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(octets.flip()).toString();
        } catch (CharacterCodingException e) {
            throw new HttpException(400, "a name that is not UTF-8");
        }
    }

    /** As it may stand in a link: from the root on, with its slash. */
    String asDirectory() {
        StringBuilder path = new StringBuilder("/");
        for (String segment : segments) {
            path.append(encoded(segment)).append('/');
        }
        return path.toString();
    }

    /** For people. */
    String text() {
        return "/" + String.join("/", segments) + (directory && !segments.isEmpty() ? "/" : "");
    }

    RequestPath child(String name) {
        List<String> child = new ArrayList<>(segments);
        child.add(name);
        return new RequestPath(List.copyOf(child), false, "");
    }

    /** All but the unreserved characters as escapes (RFC 3986 section 2.3). */
    static String encoded(String name) {
        StringBuilder text = new StringBuilder(name.length() + 16);
        for (byte octet : name.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (octet & 0xff);
            if (c < 0x80 && (Character.isLetterOrDigit(c) || UNRESERVED.indexOf(c) >= 0)) {
                text.append(c);
            } else {
                text.append('%').append(HexFormat.of().withUpperCase().toHexDigits(octet));
            }
        }
        return text.toString();
    }
}
