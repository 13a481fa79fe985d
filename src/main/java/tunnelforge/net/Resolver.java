package tunnelforge.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tunnelforge.text.Addresses;

/**
 * Name look-ups with a deadline. The JDK's have none and hold on to the carrier of a virtual thread, so they run on a
 * few platform threads, which end after a quiet minute.
 */
public final class Resolver implements AutoCloseable {
    private static final int THREADS = 4;
    private static final int WAITING = 256;

    private final ThreadPoolExecutor lookups;

    /** A resolver without threads as yet. */
    public Resolver() {
        lookups = new ThreadPoolExecutor(THREADS, THREADS, 60, TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(WAITING), Thread.ofPlatform().name("resolver").daemon().factory());
        lookups.allowCoreThreadTimeOut(true);
    }

    /**
     * All addresses of a host, at least one, in the order to try them. An address literal (IPv6 with or without brackets) is not looked up;
     * {@code localhost} is always 127.0.0.1 and then ::1, since development servers listen on either.
     *
     * @throws UnknownHostException when the name is not known, or is not answered for within the limit
     */
    public List<InetAddress> resolve(String host, Duration limit) throws IOException {
        String name = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
        if (name.equalsIgnoreCase("localhost")) {
            return List.of(InetAddress.getByAddress("localhost", new byte[] {127, 0, 0, 1}),
                    InetAddress.getByAddress("localhost", new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}));
        }
        if (name.indexOf(':') >= 0 || Addresses.parse(name) != null) {
            // An address, perhaps with a zone: it is not looked up.
            return List.of(InetAddress.getByName(name));
        }
        FutureTask<List<InetAddress>> lookUp = new FutureTask<>(() -> List.of(InetAddress.getAllByName(name)));
        try {
            lookups.execute(lookUp);
            return lookUp.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            // One that has not begun is not to keep others waiting.
            lookups.remove(lookUp);
            throw new UnknownHostException(host + ": no answer to the look-up within " + limit.toSeconds() + " s");
        } catch (ExecutionException | RejectedExecutionException e) {
            throw new UnknownHostException(host + ": the name is not known");
        } catch (InterruptedException e) {
            lookups.remove(lookUp);
            Thread.currentThread().interrupt();
            throw new UnknownHostException(host + ": interrupted");
        }
    }

    @Override
    public void close() {
        lookups.shutdownNow();
    }
}
