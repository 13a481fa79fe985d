package tunnelforge.agent;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateEncodingException;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import tunnelforge.FramePeer;
import tunnelforge.Message;
import tunnelforge.Peer;
import tunnelforge.json.JsonObject;
import tunnelforge.json.JsonReader;
import tunnelforge.net.KeyEntry;
import tunnelforge.net.ServerKeys;
import tunnelforge.net.TestCertificates;
import tunnelforge.websocket.Role;
import tunnelforge.websocket.WebSocketHandshake;
import tunnelforge.websocket.WebSocketMessage;
import tunnelforge.websocket.WebSocketReader;
import tunnelforge.websocket.WebSocketWriter;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.Limits;

/** A server whose side of the protocol the test plays, message by message and frame by frame. */
final class ManualServer implements AutoCloseable {
    /** What {@code data_connection_accepted} and {@code tunnel_registered} say unless the test says otherwise. */
    static final String LIMITS = "{\"max_frame\":65536,\"initial_window\":65536,\"max_exchanges_per_connection\":100,\"max_exchanges\":1000}";

    private final ServerSocket listener = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
    private volatile SSLContext context;
    private volatile boolean needsCertificates;
    private volatile boolean isOld;
    private volatile UnaryOperator<String> handshake = UnaryOperator.identity();
    private final Path caFile = Files.createTempFile("tunnelforge-test-", ".pem");
    private final LinkedBlockingQueue<Control> controls = new LinkedBlockingQueue<>();
    private final LinkedBlockingQueue<FramePeer> data = new LinkedBlockingQueue<>();
    private final AtomicInteger accepted = new AtomicInteger();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    ManualServer() throws IOException, GeneralSecurityException {
        KeyEntry ca = TestCertificates.ca("manual CA");
        Files.writeString(caFile, pem(ca));
        context = showing(TestCertificates.server(ca, "127.0.0.1"));
        Thread.ofVirtual().name("manual server").start(this::accept);
    }

    private static SSLContext showing(KeyEntry entry) throws GeneralSecurityException {
        SSLContext made = SSLContext.getInstance("TLS");
        made.init(new KeyManager[] {new ServerKeys(List.of(entry))}, null, null);
        return made;
    }

    /** From now on as if somebody else stood there: a certificate from a CA of the same name. */
    void isAnother() throws GeneralSecurityException {
        context = showing(TestCertificates.server(TestCertificates.ca("manual CA"), "127.0.0.1"));
    }

    /** From now on TLS itself fails for those who have no certificate that Java trusts. */
    void needsCertificates() {
        needsCertificates = true;
    }

    /** From now on it knows no TLS 1.3. */
    void isOld() {
        isOld = true;
    }

    /** From now on control connections are answered otherwise. */
    void answers(UnaryOperator<String> change) {
        handshake = change;
    }

    private static String pem(KeyEntry ca) throws CertificateEncodingException {
        return "-----BEGIN CERTIFICATE-----\n" + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(ca.leaf().getEncoded())
                + "\n-----END CERTIFICATE-----\n";
    }

    private void accept() {
        try {
            while (true) {
                Socket raw = listener.accept();
                open.add(raw);
                accepted.incrementAndGet();
                Thread.ofVirtual().start(() -> upgrade(raw));
            }
        } catch (IOException e) {
            // Closed in the end.
        }
    }

    private void upgrade(Socket raw) {
        try {
            SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(raw, null, true);
            tls.setUseClientMode(false);
            tls.setNeedClientAuth(needsCertificates);
            if (isOld) {
                tls.setEnabledProtocols(new String[] {"TLSv1.2"});
            }
            tls.startHandshake();
            Peer peer = new Peer(raw, tls);
            Message request = peer.readRequestHead();
            if (request.target().equals("/_tunnelforge/control")) {
                peer.send(handshake.apply("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: "
                        + WebSocketHandshake.accept(request.get("Sec-WebSocket-Key")) + "\r\nSec-WebSocket-Protocol: tunnelforge.v1\r\n\r\n"));
                controls.add(new Control(peer));
            } else {
                peer.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: tunnelforge.v1\r\n\r\n");
                data.add(new FramePeer(peer));
            }
        } catch (IOException e) {
            // The agent has changed its mind.
        }
    }

    /** Writes a message. */
    private interface Write {
        void run() throws IOException;
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Control connections that nobody has looked at. */
    int controls() {
        return controls.size();
    }

    /** What its certificate comes from. */
    Path caFile() {
        return caFile;
    }

    /** Connections so far, of both kinds. */
    int accepted() {
        return accepted.get();
    }

    /** An agent of this server that trusts it. */
    TestAgent startAgent(int localPort) throws IOException {
        return startAgent(localPort, new TestAgent.Options());
    }

    TestAgent startAgent(int localPort, TestAgent.Options options) throws IOException {
        return TestAgent.start("127.0.0.1:" + localPort, port(), "tf_test", options.ca(caFile));
    }

    /** The next control connection, before its first message. */
    Control control() throws InterruptedException {
        Control control = controls.poll(2 * Peer.LIMIT.toSeconds(), TimeUnit.SECONDS);
        if (control == null) {
            throw new AssertionError("no control connection");
        }
        return control;
    }

    /** The next data connection after its upgrade, its hello not yet read. */
    FramePeer data() throws InterruptedException {
        FramePeer next = data.poll(Peer.LIMIT.toSeconds(), TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("no data connection");
        }
        return next;
    }

    /** Whether there is another data connection within a moment. */
    boolean hasData(long millis) throws InterruptedException {
        FramePeer next = data.poll(millis, TimeUnit.MILLISECONDS);
        if (next != null) {
            data.add(next);
        }
        return next != null;
    }

    /** Cuts everything. */
    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : open) {
            socket.close();
        }
        Files.delete(caFile);
    }

    /** One control connection. It sends a Ping now and then, as a sign of life. */
    final class Control {
        private final Peer peer;
        private final WebSocketReader reader;
        private final WebSocketWriter writer;
        private final ReentrantLock sending = new ReentrantLock();

        private Control(Peer peer) {
            this.peer = peer;
            this.reader = new WebSocketReader(peer.in(), Limits.CONTROL_MESSAGE, Role.SERVER);
            this.writer = new WebSocketWriter(peer.out(), Role.SERVER);
            Thread.ofVirtual().start(this::ping);
        }

        private void ping() {
            try {
                while (true) {
                    LockSupport.parkNanos(Limits.CONTROL_PING_EVERY.toNanos());
                    write(() -> writer.ping(new byte[0]));
                }
            } catch (IOException e) {
                // It has ended.
            }
        }

        private void write(Write what) throws IOException {
            sending.lock();
            try {
                what.run();
            } finally {
                sending.unlock();
            }
        }

        Peer peer() {
            return peer;
        }

        Control send(String json) throws IOException {
            write(() -> writer.text(json.replace('\'', '"')));
            return this;
        }

        /** Says goodbye. */
        void close(int code) throws IOException {
            write(() -> writer.close(code, "the tunnel is closed"));
        }

        /** The next text message. */
        JsonObject next() throws IOException {
            while (true) {
                if (reader.read() instanceof WebSocketMessage.Text text) {
                    return JsonReader.parseObject(text.text());
                }
            }
        }

        /** The next message, of this type; {@code keep_alive} is passed over. */
        JsonObject next(String type) throws IOException {
            JsonObject message = next();
            while (message.string("type").equals("keep_alive")) {
                message = next();
            }
            if (!message.string("type").equals(type)) {
                throw new AssertionError(message.toString());
            }
            return message;
        }

        /** Answers the registration that has come. */
        Control registered(String tunnelId) throws IOException {
            return registered(tunnelId, "");
        }

        /** {@code enforced}: the names of what was asked of visitors and is kept to, in quotes. */
        Control registered(String tunnelId, String enforced) throws IOException {
            return send("{'type':'tunnel_registered','tunnel_id':'" + tunnelId + "','url':'https://x.test','protocol':'https',"
                    + "'resume_token':'resume-" + tunnelId + "','keep_alive_seconds':15,'pool':{'min':3,'max':10},'limits':" + LIMITS + ",'enforced':[" + enforced + "]}");
        }

        /** Asks for a data connection, and accepts it. */
        FramePeer openData() throws IOException, InterruptedException {
            return openData(LIMITS);
        }

        FramePeer openData(String limits) throws IOException, InterruptedException {
            send("{'type':'open_data_connection','tunnel_id':'t','connection_id':'c'}");
            FramePeer next = data();
            FramePeer.Frame hello = next.next(FrameType.MESSAGE);
            JsonObject json = JsonReader.parseObject(hello.text());
            if (hello.id() != 0 || !json.string("type").equals("data_connection") || !json.string("connection_id").equals("c")) {
                throw new AssertionError(hello.toString());
            }
            return next.send(frames -> frames.message(0, "{\"type\":\"data_connection_accepted\",\"features\":[\"done\"],\"limits\":" + limits + "}"));
        }

        /** Waits for the end of it. */
        void awaitEnd() {
            peer.awaitClosed();
        }
    }
}
