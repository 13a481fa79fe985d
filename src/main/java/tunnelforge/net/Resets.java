package tunnelforge.net;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/**
 * Sees whether a peer has reset its connection without reading what it has sent before: an upload that waits may leave more unread than anybody would
 * keep. For the ticker's task.
 *
 * <p>A selector reports an error on a socket as whatever was asked for. Asked for is OP_CONNECT, which a connected socket never is ready for by itself.
 * Where the system's selector does not report errors (it does on Linux) a reset is seen when somebody reads.
 */
final class Resets implements AutoCloseable {
    private Selector selector;

    /** Nobody may be reading or writing. False also when nothing can be seen now, for want of a descriptor. */
    boolean has(SocketChannel channel) throws IOException {
        if (selector == null) {
            try {
                selector = Selector.open();
            } catch (IOException e) {
                return false;
            }
        }
        channel.configureBlocking(false);
        try {
            SelectionKey key = channel.register(selector, SelectionKey.OP_CONNECT);
            boolean reset = selector.selectNow() > 0;
            key.cancel();
            selector.selectNow();
            return reset;
        } finally {
            channel.configureBlocking(true);
        }
    }

    @Override
    public void close() throws IOException {
        if (selector != null) {
            selector.close();
        }
    }
}
