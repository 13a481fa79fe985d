package tunnelforge.net;

import java.io.IOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A Unix-domain socket. The channel is read and written directly: the streams of {@code Channels} on one channel may wait for each other. */
final class UnixTransport implements Transport {
    /** More is written in pieces: each is copied out of the heap, and what the kernel does not take is copied again. */
    private static final int MAX_PIECE = 64 * 1024;
    private static final long RETRY_AFTER_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final SocketChannel channel;
    private ByteBuffer lastRead;

    private UnixTransport(SocketChannel channel) {
        this.channel = channel;
    }

    static UnixTransport connect(Path path, Duration limit) throws IOException {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(path);
        long end = System.nanoTime() + limit.toNanos();
        while (true) {
            SocketChannel channel = open();
            try {
                // On a platform thread a blocking connect would wait for the backlog, without a limit.
                channel.configureBlocking(false);
                channel.connect(address);
                channel.configureBlocking(true);
                return new UnixTransport(channel);
            } catch (IOException e) {
                channel.close();
                if (!mayBeFull(e, path)) {
                    throw e;
                }
                if (System.nanoTime() - end >= 0 || Thread.currentThread().isInterrupted()) {
                    throw (IOException) new SocketTimeoutException(path + ": " + e.getMessage()).initCause(e);
                }
                LockSupport.parkNanos(RETRY_AFTER_NANOS);
            }
        }
    }

    private static SocketChannel open() throws IOException {
        try {
            return SocketChannel.open(StandardProtocolFamily.UNIX);
        } catch (IOException e) {
            throw new Descriptors.Exhausted(e);
        }
    }

    /** A full backlog is "Resource temporarily unavailable", in the language of the system: what else it could be is ruled out. */
    private static boolean mayBeFull(IOException e, Path path) {
        return e instanceof SocketException && !(e instanceof ConnectException) && Files.isWritable(path);
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
        lastRead = over(lastRead, b, off, Math.min(len, MAX_PIECE));
        return channel.read(lastRead);
    }

    @Override
    public OutputStream out() {
        return new Output();
    }

    /** The array that was used last, which as a rule is used again. */
    private static ByteBuffer over(ByteBuffer last, byte[] b, int off, int len) {
        Objects.checkFromIndexSize(off, len, b.length);
        ByteBuffer buffer = last != null && last.array() == b ? last : ByteBuffer.wrap(b);
        return buffer.clear().position(off).limit(off + len);
    }

    private final class Output extends OutputStream {
        private ByteBuffer last;

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] b, int off, int len) throws IOException {
            int end = off + len;
            for (int at = off; at < end;) {
                last = over(last, b, at, Math.min(end - at, MAX_PIECE));
                at += channel.write(last);
            }
        }
    }

    @Override
    public void finish() throws IOException {
        channel.shutdownOutput();
    }

    @Override
    public int available() {
        return 0;
    }

    @Override
    public boolean mayBeReady() {
        return true;
    }

    @Override
    public boolean hasSomething() {
        return TcpTransport.hasSomething(channel);
    }

    @Override
    public boolean isReset(Resets resets) {
        return false;
    }

    /** Its peer is on this machine, and its closing is seen. */
    @Override
    public void probe(int everySeconds, int questions) {
    }

    @Override
    public void breakOff() {
        // There is no RST here: a peer whose last bytes were not read gets an error, any other one an end of stream.
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    @Override
    public Socket socket() {
        throw new IllegalStateException("no TLS over a Unix socket");
    }

    @Override
    public InetSocketAddress peer() {
        return null;
    }

    @Override
    public InetSocketAddress local() {
        return null;
    }
}
