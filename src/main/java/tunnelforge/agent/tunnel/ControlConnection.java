package tunnelforge.agent.tunnel;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import tunnelforge.agent.proxy.ProxyException;
import tunnelforge.http.Fields;
import tunnelforge.http.HttpReader;
import tunnelforge.http.HttpWriter;
import tunnelforge.http.RequestHead;
import tunnelforge.http.ResponseHead;
import tunnelforge.net.Connection;
import tunnelforge.net.Tasks;
import tunnelforge.websocket.CloseCode;
import tunnelforge.websocket.Role;
import tunnelforge.websocket.WebSocketException;
import tunnelforge.websocket.WebSocketHandshake;
import tunnelforge.websocket.WebSocketMessage;
import tunnelforge.websocket.WebSocketReader;
import tunnelforge.websocket.WebSocketWriter;
import tunnelforge.wire.AgentMessage;
import tunnelforge.wire.Limits;

/**
 * The agent's end of one control connection. A task of its own connects, and then reads until the end: it answers Pings and leaves messages to the control task, which sends, takes
 * what was left ({@link #next}) and closes.
 */
public final class ControlConnection implements AutoCloseable {
    static final String PROTOCOL = "tunnelforge.v1";

    private static final Duration SEND_LIMIT = Duration.ofSeconds(10);
    private static final String PATH = "/_tunnelforge/control";
    private static final int HEAD_BUFFER = 4 * 1024;
    /** Of an answer, a refusal's explanation included. */
    private static final int MAX_HEAD = 16 * 1024;

    /** One of the writer's methods. */
    private interface Write {
        void to(WebSocketWriter writer) throws IOException;
    }

    private final ServerRoute route;
    private final ServerTls tls;
    private final ControlEvents events = new ControlEvents();
    private final CompletableFuture<Void> opened = new CompletableFuture<>();
    /** For whole messages: both tasks send. */
    private final ReentrantLock writing = new ReentrantLock();
    private volatile Connection connection;
    private volatile WebSocketWriter writer;
    private volatile boolean closed;

    private ControlConnection(ServerRoute route, ServerTls tls) {
        this.route = route;
        this.tls = tls;
    }

    /** Connects, unless that is given up. */
    static ControlConnection open(ServerRoute route, ServerTls tls, Tasks tasks, CompletableFuture<?> givenUp) throws IOException {
        ControlConnection control = new ControlConnection(route, tls);
        Thread task = tasks.start("control connection", control::run);
        boolean taken = false;
        try {
            CompletableFuture.anyOf(control.opened, givenUp).get();
            if (!control.opened.isDone()) {
                throw new IOException("given up");
            }
            // Both may have come at once.
            control.opened.get();
            taken = true;
            return control;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            // It may have opened since it was looked at.
            if (!taken) {
                control.close();
                // It may still be connecting.
                task.interrupt();
            }
        }
    }

    private void run() {
        try {
            WebSocketReader reader = connect();
            opened.complete(null);
            listen(reader);
        } catch (WebSocketException e) {
            say(to -> to.close(e.closeCode(), e.getMessage()));
            events.end("the server broke the WebSocket protocol: " + e.getMessage());
        } catch (EOFException e) {
            ended(e, "it broke off");
        } catch (IOException e) {
            ended(e, Trouble.reason(e));
        } catch (RuntimeException | Error bug) {
            ended(bug, "it failed");
            throw bug;
        } finally {
            close();
        }
    }

    private void ended(Throwable failure, String reason) {
        opened.completeExceptionally(failure);
        events.end(reason);
    }

    private WebSocketReader connect() throws IOException {
        Connection made = route.connect();
        connection = made;
        if (closed) {
            throw new IOException("given up");
        }
        made.writeLimit(SEND_LIMIT);
        try (Connection.Total agreement = made.within(ServerTls.CONNECT_LIMIT)) {
            route.start(made, tls);
            return upgrade(made);
        } catch (ProxyException e) {
            throw e;
        } catch (IOException e) {
            throw made.late() ? new SocketTimeoutException("no answer within " + ServerTls.CONNECT_LIMIT.toSeconds() + " s") : e;
        }
    }

    /** RFC 6455 section 4.1. */
    private WebSocketReader upgrade(Connection made) throws IOException {
        String key = WebSocketHandshake.newKey();
        Fields fields = new Fields();
        fields.add("Host", route.server().toString());
        fields.add("Connection", "Upgrade");
        fields.add("Upgrade", "websocket");
        fields.add("Sec-WebSocket-Version", WebSocketHandshake.VERSION);
        fields.add("Sec-WebSocket-Key", key);
        fields.add("Sec-WebSocket-Protocol", PROTOCOL);
        fields.add("Accept", "application/json");
        HttpWriter request = new HttpWriter(made.out(), HEAD_BUFFER);
        request.head(new RequestHead("GET", PATH, 1, fields));
        request.flush();
        HttpReader reader = new HttpReader(made.in(), HEAD_BUFFER);
        ResponseHead answer = reader.readResponse(MAX_HEAD);
        if (answer.status() != 101 || !isAgreed(answer.fields(), key)) {
            throw ServerAnswered.instead(answer, reader);
        }
        writer = new WebSocketWriter(made.out(), Role.CLIENT);
        return new WebSocketReader(reader.rawStream(), Limits.CONTROL_MESSAGE, Role.CLIENT);
    }

    private static boolean isAgreed(Fields answer, String key) {
        return answer.hasToken("Connection", "Upgrade") && "websocket".equalsIgnoreCase(answer.get("Upgrade")) && WebSocketHandshake.accept(key).equals(answer.get("Sec-WebSocket-Accept"))
                && PROTOCOL.equals(answer.get("Sec-WebSocket-Protocol")) && !answer.contains("Sec-WebSocket-Extensions");
    }

    private void listen(WebSocketReader reader) throws IOException {
        while (true) {
            switch (reader.read()) {
                case WebSocketMessage.Text text when events.received(text.text()) -> { }
                case WebSocketMessage.Text text -> {
                    return;
                }
                case WebSocketMessage.Ping ping -> write(to -> to.pong(ping.payload()));
                case WebSocketMessage.Pong pong -> { }
                case WebSocketMessage.Binary binary -> { }
                case WebSocketMessage.Close close -> {
                    say(to -> to.close(CloseCode.NORMAL, ""));
                    events.end(close.reason().isEmpty() ? "closed by the server (" + close.code() + ")" : close.reason());
                    return;
                }
            }
        }
    }

    /** By which its data connections are made as well. */
    public ServerTls tls() {
        return tls;
    }

    public void send(AgentMessage message) throws IOException {
        write(to -> to.text(message.toJson()));
    }

    private void write(Write what) throws IOException {
        writing.lock();
        try {
            what.to(writer);
        } finally {
            writing.unlock();
        }
    }

    /** Last words. */
    private void say(Write what) {
        try {
            write(what);
        } catch (IOException e) {
            // Nobody is there to hear them.
        }
    }

    /** The next event; null when there is none within {@code limit}. */
    public ControlEvents.Event next(Duration limit) throws InterruptedException {
        return events.queue().poll(limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Whether the server has been silent for too long. */
    public boolean silent() {
        return connection.silence(route.clock().nanos()) > Limits.GIVEN_UP_AFTER.toNanos();
    }

    /** Cuts it. */
    @Override
    public void close() {
        closed = true;
        Connection made = connection;
        if (made != null) {
            made.kill();
        }
    }
}
