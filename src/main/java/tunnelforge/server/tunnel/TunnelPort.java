package tunnelforge.server.tunnel;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import tunnelforge.net.Listener;

/**
 * The port of a {@code tcp} tunnel. The next tunnel at the same address takes it over, open or still being opened, with the visitors on it; it closes with the last of them.
 * Whoever needs it first opens it, once the port that was there before is free; the others wait for that.
 *
 * @param <T> whose it is
 */
final class TunnelPort<T> {
    /** Opens it. */
    interface Opening {
        Listener listen() throws IOException;
    }

    private static final Duration FREE_LIMIT = Duration.ofSeconds(5);
    private static final Duration OPEN_LIMIT = FREE_LIMIT.plusSeconds(5);

    private final AtomicBoolean begun = new AtomicBoolean();
    /** Fails when there will be none. */
    private final CompletableFuture<Listener> listener = new CompletableFuture<>();
    /** Another may listen there. */
    private final CompletableFuture<Void> free = new CompletableFuture<>();
    private volatile T owner;

    TunnelPort(T first) {
        owner = first;
    }

    /** Whose visitors come to it. */
    T owner() {
        return owner;
    }

    /** From now on {@code next} has it, and closes it; the one that had it has left the directory by then. */
    void passTo(T next) {
        owner = next;
    }

    /**
     * Returns when it is open.
     *
     * @param last the last one at each port number
     * @throws java.net.BindException when another program has the port
     * @throws IOException when it cannot be opened now, or its tunnel has ended
     */
    void open(int port, Opening opening, Map<Integer, TunnelPort<T>> last) throws IOException {
        if (begun.compareAndSet(false, true)) {
            begin(port, opening, last);
        }
        try {
            listener.get(OPEN_LIMIT.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("it is still being opened", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the server is stopping", e);
        }
    }

    private void begin(int port, Opening opening, Map<Integer, TunnelPort<T>> last) {
        TunnelPort<T> before = last.put(port, this);
        CompletableFuture<Void> beforeIsFree = before == null ? CompletableFuture.completedFuture(null) : before.free;
        free.thenRun(() -> last.remove(port, this));
        try {
            beforeIsFree.get(FREE_LIMIT.toNanos(), TimeUnit.NANOSECONDS);
            Listener opened = opening.listen();
            opened.whenFree(() -> free.complete(null));
            listener.complete(opened);
        } catch (TimeoutException e) {
            listener.completeExceptionally(new IOException("the tunnel that had it has not let go of it yet", e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            listener.completeExceptionally(e);
        } catch (IOException | ExecutionException | RuntimeException | Error e) {
            listener.completeExceptionally(e);
        }
        if (listener.isCompletedExceptionally()) {
            beforeIsFree.thenRun(() -> free.complete(null));
        }
    }

    /** For whoever has it; nothing happens otherwise. */
    void stopAccepting(T by) {
        if (owner == by) {
            listener.thenAccept(Listener::stopAccepting);
        }
    }

    /** For whoever has it, also when it is not open by then; nothing happens otherwise. */
    void close(T by) {
        if (owner != by) {
            return;
        }
        if (begun.compareAndSet(false, true)) {
            listener.completeExceptionally(new IOException("its tunnel has ended"));
            free.complete(null);
        }
        listener.thenAccept(Listener::close);
    }
}
