package tunnelforge.net;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;

/** What a {@link Connection}'s bytes go over, below TLS. One task reads and one writes; {@link #close} may come from any task. */
interface Transport extends ReadAhead.Source {
    OutputStream out() throws IOException;

    /** Ends the sending direction. */
    void finish() throws IOException;

    /**
     * Whether there is anything to read, be it an end or an error. What there is may be lost: for a connection that is closed then. Nobody may be
     * reading or writing.
     */
    boolean hasSomething();

    /** Whether the peer has reset the connection, even while bytes of it are unread; false where that cannot be seen. Nobody may read or write. */
    boolean isReset(Resets resets);

    /** From now on the system asks a silent peer every so many seconds whether it is still there, and takes the connection for reset after so many questions, as far as the transport can. */
    void probe(int everySeconds, int questions);

    /** Makes {@link #close} look broken to the peer, as far as the transport can. */
    void breakOff();

    /** Ends whatever reads or writes, and does not block. */
    void close() throws IOException;

    /** As {@link Connection#limitSendBuffer}, where the transport can. */
    default void limitSendBuffer(int bytes) {
    }

    /** For layering TLS over it. */
    Socket socket();

    /** Null where peers have no address. */
    InetSocketAddress peer();

    /** Null where there is no address. */
    InetSocketAddress local();
}
