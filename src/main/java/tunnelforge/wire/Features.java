package tunnelforge.wire;

import java.util.List;
import java.util.stream.Stream;

/** Optional parts of the protocol: the agent's {@code data_connection} names those it knows, the server's answer those that both know. */
public final class Features {
    /** The end of a session is said by {@link FrameType#DONE}, so that its connection can be used again. */
    public static final String DONE = "done";

    /** Each side says PONG, unasked, while a session lasts, so that the other can judge its silence. */
    public static final String HEARTBEAT = "heartbeat";

    /** Requests that were lost with a data connection are sent again. The agent offers it by {@code resend} in its {@code data_connection}. */
    public static final String RESEND = "resend";

    /** The agent knows of its last process, which was killed, what that has not run: it may be sent again. With {@link #RESEND}. */
    public static final String JOURNAL = "journal";

    /** What this version knows, and offers by name. */
    public static final List<String> KNOWN = List.of(DONE, HEARTBEAT);

    private Features() {
    }

    /** What an agent offers that this version knows, too. */
    public static List<String> common(DataConnectionHello hello) {
        Stream<String> named = KNOWN.stream().filter(hello.features()::contains);
        if (!hello.resend() || hello.encoding() != DataEncoding.BINARY) {
            return named.toList();
        }
        Stream<String> again = hello.features().contains(JOURNAL) ? Stream.of(RESEND, JOURNAL) : Stream.of(RESEND);
        return Stream.concat(named, again).toList();
    }
}
