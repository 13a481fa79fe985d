package tunnelforge.net;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A TCP socket. */
final class TcpTransport implements Transport {
    private final SocketChannel channel;
    private final Socket socket;
    private final InputStream in;
    private final InetSocketAddress peer;
    private volatile boolean finished;

    /** Owns the channel from now on, also when this throws because the peer has left already. */
    TcpTransport(SocketChannel channel) throws IOException {
        this.channel = channel;
        try {
            this.socket = channel.socket();
            this.in = socket.getInputStream();
            this.peer = (InetSocketAddress) socket.getRemoteSocketAddress();
            socket.setTcpNoDelay(true);
            socket.setKeepAlive(true);
        } catch (IOException | RuntimeException | Error e) {
            channel.close();
            throw e;
        }
    }

    /** Connects to the first address that answers; each has an equal share of the limit. */
    static TcpTransport connect(List<InetAddress> addresses, int port, Duration limit) throws IOException {
        int share = (int) Math.max(1, limit.toMillis() / addresses.size());
        IOException last = null;
        for (InetAddress address : addresses) {
            SocketChannel channel = open();
            try {
                channel.socket().connect(new InetSocketAddress(address, port), share);
                return new TcpTransport(channel);
            } catch (IOException e) {
                channel.close();
                last = e;
            } catch (RuntimeException | Error e) {
                channel.close();
                throw e;
            }
        }
        throw last;
    }

    private static SocketChannel open() throws IOException {
        try {
            return SocketChannel.open();
        } catch (IOException e) {
            throw new Descriptors.Exhausted(e);
        }
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
        return in.read(b, off, len);
    }

    @Override
    public OutputStream out() throws IOException {
        return socket.getOutputStream();
    }

    @Override
    public int available() throws IOException {
        return in.available();
    }

    @Override
    public void finish() throws IOException {
        finished = true;
        socket.shutdownOutput();
    }

    @Override
    public boolean hasSomething() {
        return hasSomething(channel);
    }

    static boolean hasSomething(SocketChannel channel) {
        try {
            channel.configureBlocking(false);
            int count = channel.read(ByteBuffer.allocate(1));
            channel.configureBlocking(true);
            return count != 0;
        } catch (IOException e) {
            return true;
        }
    }

    @Override
    public boolean isReset(Resets resets) {
        try {
            // When both directions have ended, which is no reset, it looks the same.
            return !finished && resets.has(channel);
        } catch (IOException e) {
            return true;
        }
    }

    /** A peer that has closed its socket, rather than one direction, resets the connection at the first question after its system has forgotten it: on most after a minute. */
    @Override
    public void probe(int everySeconds, int questions) {
        // By the names of jdk.net's options, which not every runtime has.
        Map<String, Integer> values = Map.of("TCP_KEEPIDLE", everySeconds, "TCP_KEEPINTERVAL", everySeconds, "TCP_KEEPCOUNT", questions);
        try {
            for (SocketOption<?> option : channel.supportedOptions()) {
                Integer value = values.get(option.name());
                if (value != null) {
                    set(option, value);
                }
            }
        } catch (IOException e) {
            // Already closed.
        }
    }

    @SuppressWarnings("unchecked")
    private void set(SocketOption<?> option, Integer value) throws IOException {
        channel.setOption((SocketOption<Integer>) option, value);
    }

    @Override
    public void breakOff() {
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException e) {
            // Already closed.
        }
    }

    @Override
    public void limitSendBuffer(int bytes) {
        try {
            socket.setSendBufferSize(bytes);
        } catch (IOException e) {
            // Already closed.
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    @Override
    public Socket socket() {
        return socket;
    }

    @Override
    public InetSocketAddress peer() {
        return peer;
    }

    @Override
    public InetSocketAddress local() {
        return (InetSocketAddress) socket.getLocalSocketAddress();
    }
}
