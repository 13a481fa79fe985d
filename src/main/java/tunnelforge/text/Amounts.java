package tunnelforge.text;

import java.time.Duration;
import java.util.Locale;

/** Amounts as people read them, with one decimal below ten. */
public final class Amounts {
    private static final String[] UNITS = {"kB", "MB", "GB", "TB"};

    private Amounts() {
    }

    /** Bytes in powers of 1000: {@code 812 B}, {@code 4.1 kB}, {@code 25 MB}. */
    public static String bytes(long count) {
        if (count < 1000) {
            return count + " B";
        }
        double amount = count / 1000.0;
        int unit = 0;
        // Where it would be rounded to 1000.
        while (amount >= 999.5 && unit < UNITS.length - 1) {
            amount /= 1000;
            unit++;
        }
        return decimal(amount) + " " + UNITS[unit];
    }

    /** A time: {@code 12 ms}, {@code 1.2 s}, {@code 48 s}, {@code 3 min}, {@code 2 h}. */
    public static String time(Duration time) {
        long millis = time.toMillis();
        if (millis < 1000) {
            return millis + " ms";
        }
        if (millis < 59_500) {
            return decimal(millis / 1000.0) + " s";
        }
        long minutes = (millis + 30_000) / 60_000;
        return minutes < 100 ? minutes + " min" : (minutes + 30) / 60 + " h";
    }

    private static String decimal(double amount) {
        return String.format(Locale.ROOT, amount < 9.95 ? "%.1f" : "%.0f", amount);
    }
}
