package tunnelforge.chaos;

import java.io.IOException;
import java.time.Duration;
import tunnelforge.trials.Holding;
import tunnelforge.trials.Program;

/** What server and agent hold while nobody visits, to be compared with later. */
record Holdings(Holding server, Holding agent) {
    private static final Duration WARM_UP = Duration.ofSeconds(10);
    private static final Duration QUIET = Duration.ofSeconds(3);
    /** What comes and goes in a program that does nothing. */
    private static final Holding MORE = new Holding(5, 5, 2_000_000);

    /** After some visits, which load classes and grow the pool. Their ids are not counted: the trial's own begin anew. */
    static Holdings afterWarmUp(Stage stage, Settings settings) throws Exception {
        Load load = Load.start(stage, settings.rate(), settings.seed());
        Thread.sleep(WARM_UP);
        load.stop();
        stage.forgetCounts();
        Thread.sleep(QUIET);
        return new Holdings(Holding.of(stage.server()), Holding.of(stage.agent()));
    }

    /** Waits until the programs are quiet, and judges whether anything has been left. */
    void compare(Stage stage, Verdict verdict) throws IOException, InterruptedException {
        compare("the server", stage.server(), server, verdict);
        compare("the agent", stage.agent(), agent, verdict);
    }

    private static void compare(String name, Program program, Holding before, Verdict verdict) throws IOException, InterruptedException {
        Holding now = Holding.awaitWithin(program, before, MORE);
        Chaos.print("%s before %s, after %s", name, before, now);
        verdict.expect(name + " has left no task, connection or memory", now.isWithin(before, MORE), now);
    }
}
