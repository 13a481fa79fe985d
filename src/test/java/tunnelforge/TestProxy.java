package tunnelforge;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A proxy, HTTP or SOCKS5, that takes every name for this machine; or one that says what the test has it say. */
public final class TestProxy implements AutoCloseable {
    /** What it does with a connection; false when nothing is to be relayed. */
    private interface Greeting {
        boolean greet(Socket agent) throws IOException;
    }

    private final ServerSocket listener;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private volatile Greeting greeting;

    private TestProxy(int port) throws IOException {
        listener = new ServerSocket(port, 200, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().name("test proxy").start(this::accept);
    }

    /** CONNECT; {@code login}: as {@code user:password}, null when it asks for none. */
    public static TestProxy http(String login) throws IOException {
        return http(0, login);
    }

    /** The same, on a port where one was before. */
    public static TestProxy http(int port, String login) throws IOException {
        TestProxy proxy = new TestProxy(port);
        proxy.asksFor(login);
        return proxy;
    }

    /** From now on, of an HTTP proxy. */
    public void asksFor(String login) {
        greeting = agent -> {
            Message request = new Peer(agent, agent).readRequestHead();
            asked.add(request.target());
            String shown = request.get("Proxy-Authorization");
            if (login != null && !("Basic " + Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8))).equals(shown)) {
                write(agent, "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"test\"\r\nContent-Length: 4\r\n\r\nno!\n");
                return false;
            }
            write(agent, "HTTP/1.0 200 Connection established\r\nVia: test\r\n\r\n");
            return true;
        };
    }

    /** SOCKS5, by names alone. */
    public static TestProxy socks5(String user, String password) throws IOException {
        TestProxy proxy = new TestProxy(0);
        proxy.greeting = agent -> proxy.greetBySocks(agent, user, password);
        return proxy;
    }

    /** Says this when something has come, and then nothing. */
    public static TestProxy saying(byte[] octets) throws IOException {
        TestProxy proxy = new TestProxy(0);
        proxy.greeting = agent -> {
            if (agent.getInputStream().read() >= 0) {
                agent.getOutputStream().write(octets);
                agent.shutdownOutput();
                agent.getInputStream().transferTo(OutputStream.nullOutputStream());
            }
            return false;
        };
        return proxy;
    }

    /** Says nothing, and does not hang up. */
    public static TestProxy silent() throws IOException {
        TestProxy proxy = new TestProxy(0);
        proxy.greeting = agent -> {
            agent.getInputStream().readAllBytes();
            return false;
        };
        return proxy;
    }

    private boolean greetBySocks(Socket agent, String user, String password) throws IOException {
        DataInputStream in = new DataInputStream(agent.getInputStream());
        OutputStream out = agent.getOutputStream();
        requireEquals(5, in.read());
        List<Byte> methods = new ArrayList<>();
        for (byte each : in.readNBytes(in.read())) {
            methods.add(each);
        }
        byte wanted = (byte) (user == null ? 0 : 2);
        if (!methods.contains(wanted)) {
            out.write(new byte[] {5, (byte) 0xff});
            return false;
        }
        out.write(new byte[] {5, wanted});
        if (user != null) {
            requireEquals(1, in.read());
            boolean right = new String(in.readNBytes(in.read()), StandardCharsets.UTF_8).equals(user) & new String(in.readNBytes(in.read()), StandardCharsets.UTF_8).equals(password);
            out.write(new byte[] {1, (byte) (right ? 0 : 1)});
            if (!right) {
                return false;
            }
        }
        requireEquals(5, in.read());
        requireEquals(1, in.read());
        requireEquals(0, in.read());
        requireEquals(3, in.read());
        String name = new String(in.readNBytes(in.read()), StandardCharsets.US_ASCII);
        asked.add(name + ":" + in.readUnsignedShort());
        out.write(new byte[] {5, 0, 0, 3, 2, 'm', 'e', 1, 2});
        return true;
    }

    private static void requireEquals(int wanted, int octet) {
        if (octet != wanted) {
            throw new AssertionError(octet + " instead of " + wanted);
        }
    }

    private static void write(Socket to, String text) throws IOException {
        to.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private void accept() {
        try {
            while (true) {
                Socket agent = listener.accept();
                open.add(agent);
                accepted.incrementAndGet();
                Thread.ofVirtual().start(() -> serve(agent));
            }
        } catch (IOException e) {
            // Closed in the end.
        }
    }

    private void serve(Socket agent) {
        try (agent) {
            agent.setTcpNoDelay(true);
            if (greeting.greet(agent)) {
                agent.setSoTimeout(0);
                String to = asked.getLast();
                try (Socket server = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(to.substring(to.lastIndexOf(':') + 1)))) {
                    server.setTcpNoDelay(true);
                    open.add(server);
                    Thread.ofVirtual().start(() -> relay(server, agent));
                    relay(agent, server);
                }
            }
        } catch (IOException e) {
            // The agent or the server has gone.
        } finally {
            open.remove(agent);
        }
    }

    private static void relay(Socket from, Socket to) {
        try (from; to; InputStream in = from.getInputStream()) {
            in.transferTo(to.getOutputStream());
        } catch (IOException e) {
            // One of them has gone.
        }
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** Where to, of all connections so far. */
    public List<String> asked() {
        return asked;
    }

    /** So far. */
    public int connections() {
        return accepted.get();
    }

    /** Ends all connections, and takes new ones. */
    public void cut() throws IOException {
        for (Socket each : open) {
            each.close();
        }
    }

    /** Cuts everything. */
    @Override
    public void close() throws IOException {
        listener.close();
        cut();
    }
}
