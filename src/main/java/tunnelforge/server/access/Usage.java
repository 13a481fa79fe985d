package tunnelforge.server.access;

import java.io.IOException;
import java.time.YearMonth;
import java.util.Map;

/**
 * How many bytes the tunnels of each account have moved in a month.
 *
 * @param month of UTC
 */
public record Usage(YearMonth month, Map<String, Long> bytes) {
    /** Where it is kept while the server does not run. */
    public interface Store {
        /** What was written last; null for nothing. */
        Usage read() throws IOException;

        /** Replaces what was there. */
        void write(Usage usage) throws IOException;
    }
}
