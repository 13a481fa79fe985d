package tunnelforge.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/** The text of both formats, byte for byte: Prometheus's text format 0.0.4, and OpenMetrics 1.0.0. */
final class ExpositionTest {
    private static String written(Exposition.Format format) {
        Histogram histogram = Histogram.ofMicros(500, 2_000_000);
        histogram.record(1_000_000);
        histogram.record(3_000_000_000L);
        return new Exposition(format).counter("doors_total", "Doors that were \"opened\".\nAll of them.").sample(3, "kind", "a\"b\\c\nd", "of", "wood").sample(0)
                .gauge("rooms", "Rooms.").sample(0.25).histogram("waits_seconds", "Waits.", histogram).text();
    }

    @Test
    void thePrometheusFormat() {
        assertEquals("""
                # HELP doors_total Doors that were "opened".\\nAll of them.
                # TYPE doors_total counter
                doors_total{kind="a\\"b\\\\c\\nd",of="wood"} 3
                doors_total 0
                # HELP rooms Rooms.
                # TYPE rooms gauge
                rooms 0.25
                # HELP waits_seconds Waits.
                # TYPE waits_seconds histogram
                waits_seconds_bucket{le="0.0005"} 0
                waits_seconds_bucket{le="2.0"} 1
                waits_seconds_bucket{le="+Inf"} 2
                waits_seconds_sum 3.001
                waits_seconds_count 2
                """, written(Exposition.Format.PROMETHEUS));
    }

    @Test
    void theFamilyOfACounterHasNoTotalInOpenMetricsAndTheTextHasAnEnd() {
        assertEquals("""
                # HELP doors Doors that were \\"opened\\".\\nAll of them.
                # TYPE doors counter
                doors_total{kind="a\\"b\\\\c\\nd",of="wood"} 3
                doors_total 0
                # HELP rooms Rooms.
                # TYPE rooms gauge
                rooms 0.25
                # HELP waits_seconds Waits.
                # TYPE waits_seconds histogram
                waits_seconds_bucket{le="0.0005"} 0
                waits_seconds_bucket{le="2.0"} 1
                waits_seconds_bucket{le="+Inf"} 2
                waits_seconds_sum 3.001
                waits_seconds_count 2
                # EOF
                """, written(Exposition.Format.OPEN_METRICS));
    }

    @Test
    void acceptDecides() {
        assertEquals(Exposition.Format.PROMETHEUS, Exposition.Format.accepted(null));
        assertEquals(Exposition.Format.PROMETHEUS, Exposition.Format.accepted("text/plain;version=0.0.4;q=0.5,*/*;q=0.1"));
        assertEquals(Exposition.Format.OPEN_METRICS, Exposition.Format.accepted("application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"));
    }

    @Test
    void aCounterThatDoesNotSaySoIsABug() {
        Exposition out = new Exposition(Exposition.Format.PROMETHEUS);
        assertThrows(IllegalArgumentException.class, () -> out.counter("doors", "Doors."));
        assertThrows(IllegalArgumentException.class, () -> out.gauge("rooms_total", "Rooms."));
    }
}
