package tunnelforge.log;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import tunnelforge.text.Printable;

/** One event as it was logged; field values are kept as given, so that a test can look at them. */
record LogEvent(Instant time, Log.Level level, String event, String message, Map<String, Object> fields, boolean isAlone) {
    static final Set<String> TAKEN = Set.of("time", "level", "event", "message");

    static LogEvent of(Instant time, Log.Level level, String event, String message, Object[] namesAndValues) {
        requireName(event);
        if (namesAndValues.length % 2 != 0) {
            throw new IllegalArgumentException("event " + event + ": a field name without a value");
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            if (!(namesAndValues[i] instanceof String name)) {
                throw new IllegalArgumentException("event " + event + ": field name " + i / 2 + " is not a string");
            }
            requireName(name);
            // containsKey, not the result of put: null is a value.
            if (TAKEN.contains(name) || fields.containsKey(name)) {
                throw new IllegalArgumentException("event " + event + ": field name " + name + " is taken");
            }
            fields.put(name, namesAndValues[i + 1]);
        }
        return new LogEvent(time, level, event, String.valueOf(message), Collections.unmodifiableMap(fields), false);
    }

    /** The same, with a line for itself at a terminal. */
    LogEvent alone() {
        return new LogEvent(time, level, event, message, fields, true);
    }

    /** The same, of something that has a name. */
    LogEvent about(String field, String name) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put(field, name);
        all.putAll(fields);
        return new LogEvent(time, level, event, name + ": " + message.stripLeading(), Collections.unmodifiableMap(all), isAlone);
    }

    private static void requireName(String name) {
        boolean good = !name.isEmpty() && name.charAt(0) >= 'a' && name.charAt(0) <= 'z';
        for (int i = 1; good && i < name.length(); i++) {
            char c = name.charAt(i);
            good = c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_';
        }
        if (!good) {
            throw new IllegalArgumentException("not an event or field name: " + Printable.quoted(name));
        }
    }
}
