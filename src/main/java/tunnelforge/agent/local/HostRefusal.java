package tunnelforge.agent.local;

import tunnelforge.http.ResponseHead;

/**
 * How local services refuse a Host or an Origin that they do not know, which keeps pages of others from reaching them by a name of their own (DNS rebinding). Each by status and text, so
 * that nothing else is taken for it.
 */
enum HostRefusal {
    /** Vite 5 to 8: a line that names the host, and a hint. */
    VITE("Vite"),
    /** webpack-dev-server 4 (200) and 5 (403). */
    WEBPACK("webpack-dev-server"),
    /** Servers of the Model Context Protocol: the SDK for Python says it in text (421, 403), the one for TypeScript in JSON-RPC (403). */
    MCP("an MCP server"),
    /** The same of an Origin. */
    MCP_ORIGIN("an MCP server"),
    /** Jupyter Server says the same to whoever may not do something: only another answer to its own name tells. */
    JUPYTER("Jupyter");

    /** Octets of a body that are looked at. */
    static final int MAX_TEXT = 512;

    private static final int OK = 200;
    private static final int FORBIDDEN = 403;
    private static final int MISDIRECTED = 421;
    private static final String VITE_TEXT = "Blocked request. This host (";
    private static final String HOST_TEXT = "Invalid Host header";
    private static final String ORIGIN_TEXT = "Invalid Origin header";
    private static final String JSON_TEXT = "{\"jsonrpc\":";
    /** Not in a string, where quotes are escaped: the visitor may be quoted. */
    private static final String JSON_MESSAGE = "\"message\":\"";
    private static final String TORNADO = "TornadoServer/";

    private final String shown;

    HostRefusal(String shown) {
        this.shown = shown;
    }

    /** Whether a response is none before another request has been answered otherwise. */
    boolean isSuspicion() {
        return this == JUPYTER;
    }

    /** Whether it is about the Origin: that of a page of somebody else's is refused rightly. */
    boolean isOfOrigin() {
        return this == MCP_ORIGIN;
    }

    @Override
    public String toString() {
        return shown;
    }

    /** Null when the head says that it is none. */
    static HostRefusal suspected(ResponseHead head) {
        String server = head.fields().get("Server");
        return head.status() == FORBIDDEN && server != null && server.startsWith(TORNADO) ? JUPYTER : null;
    }

    /** Whether a body of so little may be one. */
    static boolean isPossible(ResponseHead head) {
        return (head.status() == FORBIDDEN || head.status() == MISDIRECTED || head.status() == OK && String.valueOf(HOST_TEXT.length()).equals(head.fields().get("Content-Length")))
                && !head.fields().contains("Content-Encoding");
    }

    /**
     * Which one it is; null for none, or none yet.
     *
     * @param text the body, or what has come of it
     * @param whole whether nothing follows
     */
    static HostRefusal of(int status, String text, boolean whole) {
        if (status == FORBIDDEN && text.startsWith(VITE_TEXT)) {
            return VITE;
        }
        if (whole && status != MISDIRECTED && text.equals(HOST_TEXT)) {
            return WEBPACK;
        }
        if (!whole || status != MISDIRECTED && status != FORBIDDEN) {
            return null;
        }
        if (status == MISDIRECTED) {
            return text.equals(HOST_TEXT) ? MCP : null;
        }
        boolean json = text.startsWith(JSON_TEXT);
        if (text.equals(ORIGIN_TEXT) || json && text.contains(JSON_MESSAGE + "Invalid Origin")) {
            return MCP_ORIGIN;
        }
        return json && text.contains(JSON_MESSAGE + "Invalid Host") ? MCP : null;
    }

    /** Whether more of the body might make it one. */
    static boolean mayBecome(String text) {
        return VITE_TEXT.startsWith(text) || HOST_TEXT.startsWith(text) || ORIGIN_TEXT.startsWith(text) || JSON_TEXT.startsWith(text) || text.startsWith(JSON_TEXT);
    }
}
