package tunnelforge.agent.tunnel;

import java.io.IOException;
import java.net.URI;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tunnelforge.net.Clock;
import tunnelforge.wire.AgentMessage;
import tunnelforge.wire.Limits;

/** One control connection, used by the control task alone: it sends one message at a time and takes what the listener has left. */
public final class ControlConnection implements AutoCloseable {
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);
    private static final Duration SEND_LIMIT = Duration.ofSeconds(10);
    static final String PROTOCOL = "tunnelforge.v1";

    private final ServerTls tls;
    private final WebSocket socket;
    private final ControlListener listener;
    private final Clock clock;

    private ControlConnection(ServerTls tls, WebSocket socket, ControlListener listener, Clock clock) {
        this.tls = tls;
        this.socket = socket;
        this.listener = listener;
        this.clock = clock;
    }

    /** Connects, unless that is given up. */
    static ControlConnection open(ServerTls tls, URI uri, Clock clock, CompletableFuture<?> givenUp) throws IOException {
        ControlListener listener = new ControlListener(clock);
        CompletableFuture<WebSocket> opening = tls.client().newWebSocketBuilder().subprotocols(PROTOCOL).header("Accept", "application/json")
                .connectTimeout(CONNECT_LIMIT).buildAsync(uri, listener);
        try {
            await(CompletableFuture.anyOf(opening, givenUp), CONNECT_LIMIT.plusSeconds(1));
            if (!opening.isDone()) {
                throw new IOException("given up");
            }
            return new ControlConnection(tls, await(opening, CONNECT_LIMIT), listener, clock);
        } catch (IOException e) {
            opening.thenAccept(WebSocket::abort);
            throw e;
        }
    }

    /** By which its data connections are made as well. */
    public ServerTls tls() {
        return tls;
    }

    public void send(AgentMessage message) throws IOException {
        await(socket.sendText(message.toJson(), true), SEND_LIMIT);
    }

    /** The next event; null when there is none within {@code limit}. */
    public ControlListener.Event next(Duration limit) throws InterruptedException {
        return listener.events().poll(limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Whether the server has been silent for too long. */
    public boolean silent() {
        return clock.nanos() - listener.heard() > Limits.GIVEN_UP_AFTER.toNanos();
    }

    @Override
    public void close() {
        socket.abort();
    }

    private static <T> T await(CompletableFuture<T> future, Duration limit) throws IOException {
        try {
            return future.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("no answer within " + limit.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
