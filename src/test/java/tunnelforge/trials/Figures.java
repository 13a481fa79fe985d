package tunnelforge.trials;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tunnelforge.Message;
import tunnelforge.Peer;

/** Times that were measured. */
final class Figures {
    /** False on a machine that does other work as well: there what is right or wrong is judged, and what is fast or even is printed. */
    static final boolean JUDGED = !"report".equals(System.getenv("TRIAL_FIGURES"));

    private final List<Long> nanos = new ArrayList<>();

    void add(long time) {
        nanos.add(time);
    }

    /** How long each of {@code count} small requests over one connection takes. */
    static Figures ofSmallRequests(Peer visitor, int count) throws IOException {
        Figures figures = new Figures();
        for (int i = 0; i < count; i++) {
            figures.addSmallRequest(visitor);
        }
        return figures;
    }

    void addSmallRequest(Peer visitor) throws IOException {
        long start = System.nanoTime();
        Message response = visitor.send(Rig.request("GET /small")).readResponse();
        add(System.nanoTime() - start);
        if (!response.text().equals(BulkService.SMALL)) {
            throw new AssertionError("instead of a small answer: " + response);
        }
    }

    double medianMillis() {
        return percentileMillis(50);
    }

    double percentileMillis(int percent) {
        return nanos.stream().sorted().toList().get((nanos.size() - 1) * percent / 100) / 1e6;
    }

    double maxMillis() {
        return percentileMillis(100);
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "median %.1f ms, 99 %% within %.1f ms, at most %.1f ms (of %d)", medianMillis(), percentileMillis(99),
                maxMillis(), nanos.size());
    }

    /** One line of what {@code make trials} prints. */
    static void print(String format, Object... values) {
        System.out.printf(Locale.ROOT, "  " + format + "%n", values);
    }
}
