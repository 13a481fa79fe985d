package tunnelforge.net;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;

/** What a {@link Connection}'s bytes go over, below TLS. One task reads and one writes; {@link #close} may come from any task. */
public interface Transport {
    InputStream in() throws IOException;

    OutputStream out() throws IOException;

    /** Ends the sending direction. */
    void finish() throws IOException;

    /** Whether the peer has closed, or sent what nobody asked for; nobody may be reading. Under TLS no byte is taken to see that. */
    boolean stale(boolean underTls);

    /** Makes {@link #close} look broken to the peer, as far as the transport can. */
    void breakOff();

    /** Ends whatever reads or writes, and does not block. */
    void close() throws IOException;

    /** For layering TLS over it. */
    Socket socket();

    /** Null where peers have no address. */
    InetSocketAddress peer();

    /** Null where there is no address. */
    InetSocketAddress local();
}
