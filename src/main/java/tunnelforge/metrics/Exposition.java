package tunnelforge.metrics;

import java.math.BigDecimal;

/**
 * Metrics as text, in the format of Prometheus 0.0.4 or of OpenMetrics 1.0.0: family by family, of each its samples. Names follow Prometheus's conventions; those of counters end in
 * {@code _total}. For one task.
 */
public final class Exposition {
    private static final String TOTAL = "_total";
    private static final int NANOS_DIGITS = 9;

    /** The two formats. */
    public enum Format {
        /** What every Prometheus reads. */
        PROMETHEUS("text/plain; version=0.0.4; charset=utf-8"),
        /** What it prefers. */
        OPEN_METRICS("application/openmetrics-text; version=1.0.0; charset=utf-8");

        private final String contentType;

        Format(String contentType) {
            this.contentType = contentType;
        }

        public String contentType() {
            return contentType;
        }

        /** What a request's Accept asks for; {@code accept} may be null. */
        public static Format accepted(String accept) {
            return accept != null && accept.contains("application/openmetrics-text") ? OPEN_METRICS : PROMETHEUS;
        }
    }

    private final Format format;
    private final StringBuilder text = new StringBuilder();
    private String family;

    public Exposition(Format format) {
        this.format = format;
    }

    /** Begins a family of what only grows. */
    public Exposition counter(String name, String help) {
        return begin(name, "counter", help);
    }

    /** Begins a family of what goes up and down. */
    public Exposition gauge(String name, String help) {
        return begin(name, "gauge", help);
    }

    private Exposition begin(String name, String type, String help) {
        boolean total = name.endsWith(TOTAL);
        if (total != type.equals("counter")) {
            throw new IllegalArgumentException(type + " " + name);
        }
        family = name;
        String named = total && format == Format.OPEN_METRICS ? name.substring(0, name.length() - TOTAL.length()) : name;
        text.append("# HELP ").append(named).append(' ');
        escape(help, format == Format.OPEN_METRICS);
        text.append("\n# TYPE ").append(named).append(' ').append(type).append('\n');
        return this;
    }

    /** Adds a sample; {@code labels}: names and values in turns. */
    public Exposition sample(long value, String... labels) {
        return sample("", Long.toString(value), labels);
    }

    /** As the other. */
    public Exposition sample(double value, String... labels) {
        return sample("", Double.toString(value), labels);
    }

    private Exposition sample(String suffix, String value, String... labels) {
        text.append(family).append(suffix);
        for (int i = 0; i < labels.length; i += 2) {
            text.append(i == 0 ? '{' : ',').append(labels[i]).append("=\"");
            escape(labels[i + 1], true);
            text.append('"');
        }
        text.append(labels.length > 0 ? "} " : " ").append(value).append('\n');
        return this;
    }

    /** Adds a family of one histogram, in seconds. */
    public Exposition histogram(String name, String help, Histogram histogram) {
        begin(name, "histogram", help);
        Histogram.Reading reading = histogram.read();
        long below = 0;
        for (int i = 0; i < reading.bounds().length; i++) {
            below += reading.counts()[i];
            sample("_bucket", Long.toString(below), "le", seconds(reading.bounds()[i]));
        }
        String all = Long.toString(reading.count());
        return sample("_bucket", all, "le", "+Inf").sample("_sum", seconds(reading.sum())).sample("_count", all);
    }

    private static String seconds(long nanos) {
        BigDecimal seconds = BigDecimal.valueOf(nanos, NANOS_DIGITS).stripTrailingZeros();
        // OpenMetrics writes whole numbers of buckets' bounds with a fraction.
        return (seconds.scale() < 1 ? seconds.setScale(1) : seconds).toPlainString();
    }

    private void escape(String value, boolean quotes) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                case '"' -> text.append(quotes ? "\\\"" : "\"");
                default -> text.append(c);
            }
        }
    }

    /** All of it. */
    public String text() {
        return format == Format.OPEN_METRICS ? text + "# EOF\n" : text.toString();
    }
}
