package tunnelforge;

import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Shows that the tests go on: every ten seconds a line on standard error, and one for each failure at once. Standard output is left to the summary.
 * Found by the launcher under {@code META-INF/services}.
 */
public final class TestProgress implements TestExecutionListener {
    private static final Duration EVERY = Duration.ofSeconds(10);

    private final PrintStream out = System.err;
    private final AtomicInteger done = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private volatile String current = "";
    private Thread ticker;

    @Override
    public void testPlanExecutionStarted(TestPlan plan) {
        ticker = Thread.ofPlatform().daemon().name("test progress").start(this::run);
    }

    private void run() {
        long start = System.nanoTime();
        try {
            while (true) {
                Thread.sleep(EVERY);
                out.printf("%4d s: %d tests done, %d failed; now %s%n", Duration.ofNanos(System.nanoTime() - start).toSeconds(), done.get(),
                        failed.get(), current);
            }
        } catch (InterruptedException e) {
            // The tests are over.
        }
    }

    @Override
    public void executionStarted(TestIdentifier test) {
        if (test.isTest()) {
            current = name(test);
        }
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (test.isTest()) {
            done.incrementAndGet();
        }
        if (result.getStatus() == TestExecutionResult.Status.FAILED) {
            failed.incrementAndGet();
            out.println("FAILED " + name(test) + ": " + result.getThrowable().map(Throwable::toString).flatMap(text -> text.lines().findFirst())
                    .orElse("no reason given"));
        }
    }

    private static String name(TestIdentifier test) {
        return test.getSource().filter(MethodSource.class::isInstance).map(MethodSource.class::cast)
                .map(method -> method.getClassName().replaceAll(".*\\.", "") + "#" + method.getMethodName()).orElse(test.getDisplayName());
    }

    @Override
    public void testPlanExecutionFinished(TestPlan plan) {
        ticker.interrupt();
    }
}
