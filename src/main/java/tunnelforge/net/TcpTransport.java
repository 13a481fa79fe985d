package tunnelforge.net;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** A TCP socket. */
final class TcpTransport implements Transport {
    private final Socket socket;
    private final SocketChannel channel;
    private final InetSocketAddress peer;

    /**
     * @param channel the socket's, by which an idle one can be looked at; null when it has none
     */
    TcpTransport(Socket socket, SocketChannel channel) throws IOException {
        this.socket = socket;
        this.channel = channel;
        this.peer = (InetSocketAddress) socket.getRemoteSocketAddress();
        socket.setTcpNoDelay(true);
        socket.setKeepAlive(true);
    }

    @Override
    public InputStream in() throws IOException {
        return socket.getInputStream();
    }

    @Override
    public OutputStream out() throws IOException {
        return socket.getOutputStream();
    }

    @Override
    public void finish() throws IOException {
        socket.shutdownOutput();
    }

    @Override
    public boolean stale(boolean underTls) {
        if (socket.isClosed()) {
            return true;
        }
        if (channel == null) {
            return false;
        }
        try {
            // Under TLS it is enough that there are some bytes: a goodbye, or what nobody asked for.
            return underTls ? socket.getInputStream().available() > 0 : stale(channel);
        } catch (IOException e) {
            return true;
        }
    }

    static boolean stale(SocketChannel channel) throws IOException {
        channel.configureBlocking(false);
        int count = channel.read(ByteBuffer.allocate(1));
        channel.configureBlocking(true);
        return count != 0;
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
    public void close() throws IOException {
        socket.close();
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
