package tunnelforge.server.tunnel;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tunnelforge.net.Listener;

/** The port of a {@code tcp} tunnel. It closes with its tunnel, also when it was not open by then: what is asked of it before is done when it opens. */
final class TunnelPort {
    /** Cancelled when there will be none. */
    private final CompletableFuture<Listener> listener = new CompletableFuture<>();

    void opened(Listener opened) {
        listener.complete(opened);
    }

    /** It cannot be opened. */
    void failed() {
        listener.cancel(false);
    }

    void stopAccepting() {
        listener.thenAccept(Listener::stopAccepting);
    }

    void close() {
        listener.thenAccept(Listener::close);
    }

    /** Waits after {@link #close} until another may listen on the port, {@code limit} at most for each of the two that have to come to an end. */
    void awaitFree(Duration limit) {
        try {
            listener.get(limit.toNanos(), TimeUnit.NANOSECONDS).awaitFree(limit);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | CancellationException | TimeoutException e) {
            // It is not open.
        }
    }
}
