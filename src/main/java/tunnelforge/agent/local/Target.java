package tunnelforge.agent.local;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import tunnelforge.cli.HostPort;
import tunnelforge.cli.UsageException;
import tunnelforge.net.Connection;
import tunnelforge.text.Authority;

/** The local service: what answers requests. As text it is what the agent says to people. */
public sealed interface Target {
    /** All that may be written. */
    String FORMS = "8080, HOST:PORT, http://HOST[:PORT], https://HOST[:PORT], tcp://HOST:PORT, unix:/PATH or file:///DIR";

    /**
     * Reads what was typed: a port of this machine, {@code host:port}, or an address with its scheme.
     *
     * @throws UsageException when it is none of these
     */
    static Target parse(String text) throws UsageException {
        if (!text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return Tcp.ofPort(text);
        }
        if (text.startsWith(Unix.SCHEME)) {
            return Unix.parse(text);
        }
        if (text.startsWith(Directory.SCHEME)) {
            return Directory.parse(text);
        }
        int scheme = text.indexOf("://");
        if (scheme < 0) {
            if (text.indexOf(':') < 0) {
                throw new UsageException("the target '" + text + "' has no port; write " + FORMS);
            }
            HostPort parsed = HostPort.parse(text, 0);
            return new Tcp(parsed.host(), parsed.port(), false);
        }
        return switch (text.substring(0, scheme)) {
            case "http" -> Tcp.ofUri(text, Tcp.HTTP, false);
            case "https" -> Tcp.ofUri(text, Tcp.HTTPS, true);
            case "tcp" -> Tcp.ofUri(text, 0, false);
            default -> throw new UsageException("the target '" + text + "' has a scheme that is not served; write " + FORMS);
        };
    }

    /** A path as it was typed behind a scheme; what is between two slashes and a third would be a host. */
    private static String absolute(String text, String scheme, String example) throws UsageException {
        String typed = text.substring(scheme.length());
        if (!typed.startsWith("/") || typed.startsWith("//") && !typed.startsWith("///")) {
            throw new UsageException("the target '" + text + "' needs an absolute path, as in " + example);
        }
        return typed;
    }

    private static Path toPath(String text, String typed) throws UsageException {
        try {
            return Path.of(typed);
        } catch (InvalidPathException e) {
            throw new UsageException("the target '" + text + "' is no path here: " + e.getReason());
        }
    }

    /** The port that the server is told; 0 where there is none. */
    default int port() {
        return 0;
    }

    /** The Host that the local service knows itself by. */
    default String authority() {
        return "localhost";
    }

    /** What the agent connects to for each request. */
    sealed interface Service extends Target {
    }

    /**
     * A host and port that the agent connects to.
     *
     * @param host a name or an address
     * @param port 1 to 65535
     * @param tls whether the local service speaks TLS
     */
    record Tcp(String host, int port, boolean tls) implements Service {
        private static final int HTTP = 80;
        private static final int HTTPS = 443;

        private static Tcp ofPort(String digits) throws UsageException {
            int port = Authority.port(digits);
            if (port < 1) {
                throw new UsageException("the target '" + digits + "' is no port: 1 to " + Authority.MAX_PORT);
            }
            return new Tcp("localhost", port, false);
        }

        private static Tcp ofUri(String text, int defaultPort, boolean tls) throws UsageException {
            if (text.indexOf('@') >= 0) {
                // Not quoted: what stands before it may be a password.
                throw new UsageException("the target has no user: a host and a port are wanted; --request-header-add can log visitors in");
            }
            URI uri;
            try {
                uri = new URI(text);
            } catch (URISyntaxException e) {
                throw new UsageException("the target '" + text + "' is no address; write " + FORMS);
            }
            boolean bare = (uri.getRawPath() == null || uri.getRawPath().isEmpty() || uri.getRawPath().equals("/"))
                    && uri.getRawQuery() == null && uri.getRawFragment() == null && uri.getRawUserInfo() == null;
            if (!bare || uri.getHost() == null) {
                throw new UsageException("the target '" + text + "' must end after the host and port; visitors' paths are passed on");
            }
            HostPort parsed = HostPort.parse(uri.getRawAuthority(), defaultPort);
            return new Tcp(parsed.host(), parsed.port(), tls);
        }

        /** Host and port as they stand in an address, the port left out where it is the scheme's own. */
        @Override
        public String authority() {
            return new Authority(host, port == (tls ? HTTPS : HTTP) ? Authority.NO_PORT : port).toString();
        }

        @Override
        public String toString() {
            return (tls ? "https://" : "") + new Authority(host, port);
        }
    }

    /**
     * A Unix-domain socket that the agent connects to.
     *
     * @param path absolute
     */
    record Unix(Path path) implements Service {
        private static final String SCHEME = "unix:";

        private static Unix parse(String text) throws UsageException {
            Path path = toPath(text, absolute(text, SCHEME, "unix:/run/service.sock"));
            int bytes = path.toString().getBytes(StandardCharsets.UTF_8).length;
            if (bytes > Connection.MAX_UNIX_PATH) {
                throw new UsageException("the target '" + text + "' has a path of " + bytes + " bytes; the path of a Unix socket has at most "
                        + Connection.MAX_UNIX_PATH);
            }
            return new Unix(path);
        }

        @Override
        public String toString() {
            return SCHEME + path;
        }
    }

    /**
     * A directory that the agent itself serves.
     *
     * @param path absolute
     */
    record Directory(Path path) implements Target {
        private static final String SCHEME = "file:";

        private static Directory parse(String text) throws UsageException {
            Path path = written(text, absolute(text, SCHEME, "file:///srv/files"));
            if (!Files.isDirectory(path)) {
                throw new UsageException("the target '" + text + "' is no directory: there is none at " + path);
            }
            return new Directory(path);
        }

        /** As an address has it, with escapes; or as it was typed, which a shell completes without any. */
        private static Path written(String text, String typed) throws UsageException {
            try {
                return Path.of(new URI(text));
            } catch (URISyntaxException | IllegalArgumentException e) {
                // A blank, a '#', a '%' that is no escape: typed as it is.
                return toPath(text, typed);
            }
        }

        @Override
        public String toString() {
            return SCHEME + "//" + path;
        }
    }
}
