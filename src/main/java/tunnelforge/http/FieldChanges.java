package tunnelforge.http;

import java.io.IOException;
import java.util.List;

/**
 * What is changed in a head's field lines: all lines of some names go, then others are added at the end.
 *
 * @param removed names; lines go that are {@linkplain FieldRole#alike alike} to their last reader
 * @param added in their order
 */
public record FieldChanges(List<String> removed, List<Line> added) {
    /** None. */
    public static final FieldChanges NONE = new FieldChanges(List.of(), List.of());

    /** Throws {@link IllegalArgumentException} when a name is none. */
    public FieldChanges {
        removed = List.copyOf(removed);
        added = List.copyOf(added);
        removed.forEach(Octets::requireToken);
    }

    /**
     * A field line.
     *
     * @param value each character an octet, as in {@link Fields}
     */
    public record Line(String name, String value) {
        /** Throws {@link IllegalArgumentException} when it could not stand in a head. */
        public Line {
            Octets.requireToken(name);
            Octets.requireFieldValue(value);
        }

        /** The name only: the value may be a secret. */
        @Override
        public String toString() {
            return name;
        }
    }

    public boolean isEmpty() {
        return removed.isEmpty() && added.isEmpty();
    }

    /** Removes, then adds. */
    public void apply(Fields fields) {
        remove(fields);
        for (int i = 0; i < added.size(); i++) {
            fields.addParsed(added.get(i).name, added.get(i).value);
        }
    }

    /** Removes only. */
    public void remove(Fields fields) {
        if (!removed.isEmpty()) {
            fields.removeIf(this::isRemoved);
        }
    }

    /** The same body; from its trailers the lines of those names are removed, since some readers take them for the head's. */
    public BodySink around(BodySink body) {
        return removed.isEmpty() ? body : new BodySink() {
            @Override
            public void write(byte[] b, int off, int len) throws IOException {
                body.write(b, off, len);
            }

            @Override
            public void flush() throws IOException {
                body.flush();
            }

            @Override
            public void end(Fields trailers) throws IOException {
                remove(trailers);
                body.end(trailers);
            }
        };
    }

    private boolean isRemoved(String name) {
        for (String each : removed) {
            if (FieldRole.alike(name, each)) {
                return true;
            }
        }
        return false;
    }
}
