package tunnelforge.wire;

/** Where visitors find a tunnel: a name for which they ask, or a port of its own. As text it is {@code host} or {@code host:port}. */
public sealed interface PublicAddress {
    /** The host name, lower case, without a port. */
    String host();

    /**
     * Of a tunnel that shares the server's port.
     *
     * @param host lower case, no trailing dot
     */
    record Name(String host) implements PublicAddress {
        @Override
        public String toString() {
            return host;
        }
    }

    /**
     * Of a {@code tcp} tunnel.
     *
     * @param port 1 to 65535
     */
    record Port(String host, int port) implements PublicAddress {
        /** Refuses what is no port: {@link IllegalArgumentException}. */
        public Port {
            Check.range("port", port, 1, 65_535);
        }

        @Override
        public String toString() {
            return host + ':' + port;
        }
    }

    /**
     * Reads what {@code toString} has written.
     *
     * @throws IllegalArgumentException when what follows a colon is no port
     */
    static PublicAddress parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 0) {
            return new Name(text);
        }
        return new Port(text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
    }
}
