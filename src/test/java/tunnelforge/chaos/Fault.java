package tunnelforge.chaos;

import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.random.RandomGenerator;

/** What can happen to a connection on the path. */
enum Fault {
    /** Both ends see an end of stream. */
    CUT,
    /** Both ends see an RST. */
    RESET,
    /** One end sees an end of stream, and is still heard. */
    HALF_CLOSE,
    /** Everything is swallowed from now on, and the connection stays. */
    STALL,
    /** Up to 300 ms each way, for some seconds. */
    DELAY,
    /** 20 to 200 KB/s, for some seconds. */
    SLOW;

    private static final int MOST_DELAY_MILLIS = 300;
    private static final int LEAST_RATE = 20_000;
    private static final int MOST_RATE = 200_000;
    private static final int MOST_SECONDS = 5;

    /** As it is asked for. */
    String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Does it, and has another task undo what passes. */
    void strike(Link link, RandomGenerator random) {
        switch (this) {
            case CUT -> link.cut();
            case RESET -> link.reset();
            case HALF_CLOSE -> {
                try {
                    link.halfClose(random.nextBoolean());
                } catch (IOException e) {
                    link.cut();
                }
            }
            case STALL -> link.swallow();
            case DELAY -> {
                link.delay(Duration.ofMillis(random.nextInt(1, MOST_DELAY_MILLIS)));
                later(random, () -> link.delay(Duration.ZERO));
            }
            case SLOW -> {
                link.slow(random.nextInt(LEAST_RATE, MOST_RATE));
                later(random, () -> link.slow(0));
            }
        }
    }

    private static void later(RandomGenerator random, Runnable action) {
        Duration after = Duration.ofMillis(random.nextInt(1, MOST_SECONDS * 1000));
        Thread.ofVirtual().name("fault passes").start(() -> {
            try {
                Thread.sleep(after);
                action.run();
            } catch (InterruptedException e) {
                action.run();
            }
        });
    }
}
