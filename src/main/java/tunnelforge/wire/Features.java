package tunnelforge.wire;

import java.util.List;

/** Optional parts of the protocol: the agent's {@code data_connection} names those it knows, the server's answer those that both know. */
public final class Features {
    /** The end of a session is said by {@link FrameType#DONE}, so that its connection can be used again. */
    public static final String DONE = "done";

    /** Each side says PONG, unasked, while a session lasts, so that the other can judge its silence. */
    public static final String HEARTBEAT = "heartbeat";

    /** What this version knows. */
    public static final List<String> KNOWN = List.of(DONE, HEARTBEAT);

    private Features() {
    }

    /** Those of {@code offered} that this version knows, too. */
    public static List<String> common(List<String> offered) {
        return KNOWN.stream().filter(offered::contains).toList();
    }
}
