package tunnelforge.chaos;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** What came of the visitors' requests and sessions. */
final class Tally {
    /** A request that was not answered by the local service; times of {@link System#nanoTime}, {@code sentAt} when it had been sent whole, 0 if it never was. */
    record Failure(int id, String kind, long askedAt, long sentAt, long failedAt) {
        boolean isPage() {
            return kind.contains("TF-");
        }

        /** Whether a part of the answer had come. */
        boolean isBrokenOff() {
            return kind.endsWith(HttpVisitor.WITHIN_THE_ANSWER);
        }
    }

    private final AtomicInteger nextId = new AtomicInteger();
    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicLongArray waitsMicros = new AtomicLongArray(CountingService.MAX_IDS);
    private final ConcurrentLinkedQueue<Failure> failures = new ConcurrentLinkedQueue<>();
    private final AtomicInteger wrongAnswers = new AtomicInteger();
    private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
    private final Map<String, AtomicInteger> sessions = new ConcurrentSkipListMap<>();
    private volatile long lastAnswerAt;

    /** The id of a request that is about to be asked. */
    int ask() {
        return nextId.getAndIncrement();
    }

    /** {@code nanos} from the request's first byte to the answer's last, without what the local service was asked to take. */
    void answered(int id, long nanos) {
        answered.incrementAndGet();
        waitsMicros.set(id, Math.max(1, nanos / 1000));
        lastAnswerAt = System.nanoTime();
    }

    void failed(Failure failure) {
        failures.add(failure);
    }

    /** A complete answer that is not the right one. */
    void wrongAnswer(String what) {
        wrongAnswers.incrementAndGet();
        wrong.add(what);
    }

    /** An echo that is not what was said. */
    void wrongEcho(String what) {
        wrong.add(what);
    }

    /** Something about a WebSocket or a TCP session. */
    void session(String what) {
        sessions.computeIfAbsent(what, any -> new AtomicInteger()).incrementAndGet();
    }

    int asked() {
        return nextId.get();
    }

    int answered() {
        return answered.get();
    }

    /** When the last answer came; 0 before the first. */
    long lastAnswerAt() {
        return lastAnswerAt;
    }

    List<Failure> failures() {
        return List.copyOf(failures);
    }

    long failures(Predicate<Failure> which) {
        return failures.stream().filter(which).count();
    }

    /** Requests of which it is not known what came of them. */
    int unaccounted() {
        return asked() - answered() - failures.size() - wrongAnswers.get();
    }

    List<String> wrong() {
        return List.copyOf(wrong);
    }

    /** Prints everything; {@code counts} are the local service's. */
    void print(String counts) {
        long[] waits = IntStream.range(0, asked()).mapToLong(waitsMicros::get).filter(wait -> wait > 0).sorted().toArray();
        Chaos.print("asked %,d, answered %,d, failed %,d", asked(), answered(), failures.size());
        Map<String, AtomicInteger> kinds = new ConcurrentSkipListMap<>();
        Map<String, AtomicInteger> reached = new ConcurrentSkipListMap<>();
        for (Failure failure : failures) {
            kinds.computeIfAbsent(failure.kind, any -> new AtomicInteger()).incrementAndGet();
            reached.computeIfAbsent(failure.kind, any -> new AtomicInteger()).addAndGet(times(counts, failure.id) > 0 ? 1 : 0);
        }
        kinds.forEach((kind, count) -> Chaos.print("  failed: %s: %,d, of which %s had reached the local service", kind, count.get(), reached.get(kind)));
        Chaos.print("run twice %,d, wrong answers %,d", twice(counts), wrong.size());
        wrong.stream().limit(5).forEach(what -> Chaos.print("  wrong: %s", what));
        if (waits.length > 0) {
            Chaos.print("waits of the answered, beyond the local service's own: median %.1f ms, 99 %% within %.1f ms, worst %.0f ms", waits[waits.length / 2] / 1e3,
                    waits[(int) (waits.length * 0.99)] / 1e3, waits[waits.length - 1] / 1e3);
        }
        failures.stream().mapToLong(failure -> failure.failedAt - failure.askedAt).max().ifPresent(worst -> Chaos.print("worst wait for a failure %.0f ms", worst / 1e6));
        Chaos.print("sessions: %s", sessions);
    }

    /** How often the local service was given a request. */
    static int times(String counts, int id) {
        return id < counts.length() ? counts.charAt(id) - '0' : 0;
    }

    static long twice(String counts) {
        return counts.chars().filter(digit -> digit > '1').count();
    }
}
