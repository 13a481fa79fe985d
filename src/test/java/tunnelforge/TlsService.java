package tunnelforge;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import tunnelforge.net.KeyEntry;
import tunnelforge.net.ServerKeys;
import tunnelforge.net.TestCertificates;

/** A local service that speaks TLS, and of which the test plays each connection, down to its records. */
final class TlsService implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final SSLContext context = SSLContext.getInstance("TLS");
    private final LinkedBlockingQueue<Peer> accepted = new LinkedBlockingQueue<>();
    private final ConcurrentLinkedQueue<Socket> open = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();

    TlsService() throws IOException, GeneralSecurityException {
        KeyEntry ca = TestCertificates.ca("local CA");
        context.init(new KeyManager[] {new ServerKeys(List.of(TestCertificates.server(ca, "127.0.0.1")))}, null, null);
        Thread.ofVirtual().name("tls service").start(this::accept);
    }

    private void accept() {
        try {
            while (true) {
                Socket raw = listener.accept();
                raw.setTcpNoDelay(true);
                open.add(raw);
                SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(raw, null, true);
                tls.setUseClientMode(false);
                tls.startHandshake();
                count.incrementAndGet();
                accepted.add(new Peer(raw, tls));
            }
        } catch (IOException e) {
            // Closed in the end.
        }
    }

    String target() {
        return "https://127.0.0.1:" + listener.getLocalPort();
    }

    /** Connections so far. */
    int accepted() {
        return count.get();
    }

    Peer next() throws InterruptedException {
        Peer peer = accepted.poll(Peer.LIMIT.toSeconds(), TimeUnit.SECONDS);
        if (peer == null) {
            throw new AssertionError("no connection to the local service within " + Peer.LIMIT);
        }
        return peer;
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
