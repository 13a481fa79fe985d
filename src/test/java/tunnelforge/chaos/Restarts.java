package tunnelforge.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** The server is ended by SIGTERM under load and started again on its port: the agent is back within a second, and what was accepted before the signal is answered. */
final class Restarts {
    private static final int SECONDS = 150;
    private static final int EVERY_SECONDS = 15;
    private static final int BETWEEN_MILLIS = 3000;
    private static final Duration ENDS_WITHIN = Duration.ofSeconds(60);
    private static final long BACK_WITHIN_MILLIS = 1000;
    /** A request that was sent this long before the signal has been accepted. */
    private static final long ACCEPTED_AFTER_NANOS = 50_000_000;

    private Restarts() {
    }

    static void run(Settings settings, Verdict verdict) throws Exception {
        List<Long> signals = new ArrayList<>();
        List<Long> ends = new ArrayList<>();
        List<Long> opens = new ArrayList<>();
        List<Long> back = new ArrayList<>();
        try (Stage stage = Stage.complete()) {
            Load load = Load.start(stage, settings.rate(), settings.seed());
            for (int i = 0; i < Math.max(1, settings.secondsOr(SECONDS) / EVERY_SECONDS); i++) {
                Thread.sleep(BETWEEN_MILLIS);
                int registrations = stage.registrations().size();
                signals.add(System.nanoTime());
                stage.server().signal("TERM");
                stage.server().awaitEnd(ENDS_WITHIN);
                ends.add((System.nanoTime() - signals.get(i)) / 1_000_000);
                stage.startServer();
                opens.add(System.nanoTime());
                back.add(Math.max(0, (stage.awaitRegistration(registrations).at() - opens.get(i)) / 1_000_000));
            }
            Thread.sleep(BETWEEN_MILLIS);
            Chaos.print("restarted %d times; it ended %s ms after SIGTERM; the agent was back %s ms after the port was open", back.size(), ends, back);
            load.finish(verdict);
            Tally tally = load.tally();
            Predicate<Tally.Failure> accepted = failure -> signals.stream().anyMatch(at -> failure.sentAt() != 0 && failure.sentAt() < at - ACCEPTED_AFTER_NANOS && failure.failedAt() > at);
            long broken = tally.failures(accepted.and(failure -> !failure.isPage()));
            Chaos.print("%,d that had been accepted before a signal failed, %,d of them without a page; of all, %,d failed without a page", tally.failures(accepted), broken,
                    tally.failures(failure -> !failure.isPage()));
            verdict.expect("0 reset or closed that had been accepted before the signal", broken == 0, broken);
            verdict.expect("0 pages: who comes when the server is back waits for the agent", tally.failures(Tally.Failure::isPage) == 0, tally.failures(Tally.Failure::isPage));
            verdict.expect("the agent is back within a second", back.stream().allMatch(millis -> millis <= BACK_WITHIN_MILLIS), back.stream().max(Long::compare).get() + " ms");
            verdict.expect("the address stays", stage.registrations().stream().allMatch(now -> now.url().equals(stage.url())), stage.registrations().getLast().url());
        }
    }
}
