package tunnelforge.server.access;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.concurrent.locks.ReentrantLock;
import tunnelforge.net.Clock;

/**
 * Makes guessing a secret hopeless. An address (of IPv6 its /64) may be wrong a few times; then each mistake makes it wait twice as long as the one before:
 * a second first, a quarter of an hour in the end. While it waits nobody looks at what it says, not even when that is right: it would learn that. After
 * an hour without a mistake it is as new.
 *
 * <p>Who tries the same wrong secret again guesses nothing, and is not counted: a program that has not been told of a new password, or is started again
 * and again with an old token, locks nobody out who shares its address. Any task may call it; nothing waits.
 */
public final class Guesses {
    /** Mistakes that cost nothing. */
    static final int FREE = 5;
    static final Duration FIRST_WAIT = Duration.ofSeconds(1);
    static final Duration LONGEST_WAIT = Duration.ofMinutes(15);
    static final Duration FORGOTTEN_AFTER = Duration.ofHours(1);

    private static final int MAX_DOUBLINGS = 10;

    private final Clock clock;
    private final int mostAddresses;
    private final ReentrantLock lock = new ReentrantLock();
    /** The one whose last mistake is longest ago comes first. */
    private final LinkedHashMap<Network, Mistakes> byNetwork = new LinkedHashMap<>();
    /** As a rule there are none: then nobody needs the lock. */
    private volatile boolean none = true;

    private static final class Mistakes {
        private int count;
        private boolean forgiven;
        private long last;
        private long refusedUntil;
        /** The beginning of the last guess's digest. */
        private long guess;
    }

    /**
     * Nobody has guessed yet.
     *
     * @param clock by which waiting is judged
     * @param mostAddresses so many are known; the one whose last mistake is longest ago is forgotten for another
     */
    Guesses(Clock clock, int mostAddresses) {
        this.clock = clock;
        this.mostAddresses = mostAddresses;
    }

    /** How long nothing that this address says is to be looked at; zero when it may try. */
    public Duration refusedFor(InetAddress address) {
        if (none) {
            return Duration.ZERO;
        }
        lock.lock();
        try {
            long now = clock.nanos();
            forget(now);
            Mistakes mistakes = byNetwork.get(Network.of(address));
            long left = mistakes == null ? 0 : mistakes.refusedUntil - now;
            return left > 0 ? Duration.ofNanos(left) : Duration.ZERO;
        } finally {
            lock.unlock();
        }
    }

    /**
     * It was wrong.
     *
     * @param digest of what it has said, by which the same guess is known again; of 8 bytes at least
     */
    public void failed(InetAddress address, byte[] digest) {
        Network network = Network.of(address);
        long guess = ByteBuffer.wrap(digest).getLong();
        lock.lock();
        try {
            long now = clock.nanos();
            forget(now);
            Mistakes mistakes = byNetwork.get(network);
            if (mistakes == null) {
                mistakes = new Mistakes();
            } else if (mistakes.guess == guess) {
                return;
            }
            mistakes.guess = guess;
            mistakes.last = now;
            mistakes.count++;
            mistakes.refusedUntil = now + waitNanos(mistakes.count);
            // To the end of the line.
            byNetwork.remove(network);
            byNetwork.put(network, mistakes);
            if (byNetwork.size() > mostAddresses) {
                byNetwork.pollFirstEntry();
            }
            none = false;
        } finally {
            lock.unlock();
        }
    }

    /** Those that are as new. */
    private void forget(long now) {
        while (!byNetwork.isEmpty() && now - byNetwork.firstEntry().getValue().last > FORGOTTEN_AFTER.toNanos()) {
            byNetwork.pollFirstEntry();
        }
        none = byNetwork.isEmpty();
    }

    /** How many addresses are known. */
    int size() {
        lock.lock();
        try {
            return byNetwork.size();
        } finally {
            lock.unlock();
        }
    }

    private static long waitNanos(int mistakes) {
        return mistakes < FREE ? 0 : Math.min(FIRST_WAIT.toNanos() << Math.min(mistakes - FREE, MAX_DOUBLINGS), LONGEST_WAIT.toNanos());
    }

    /**
     * It was right: the mistakes before were a person's. They are forgiven once, and only as long as it has not had to wait for them: somebody else may
     * guess at the same address, between the requests of one who is right.
     */
    public void succeeded(InetAddress address) {
        if (none) {
            return;
        }
        lock.lock();
        try {
            Mistakes mistakes = byNetwork.get(Network.of(address));
            if (mistakes != null && mistakes.count < FREE && !mistakes.forgiven) {
                mistakes.count = 0;
                mistakes.forgiven = true;
            }
        } finally {
            lock.unlock();
        }
    }
}
