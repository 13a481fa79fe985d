package tunnelforge.mux;

import java.util.ArrayList;
import java.util.List;
import tunnelforge.http.Fields;
import tunnelforge.wire.Limits;

/**
 * That a request has been sent before.
 *
 * @param lost where: the first is what both sides know it by, the others those on which it was sent again in vain
 * @param from the byte of the response's body from which on it is wanted
 */
public record Resent(List<Key> lost, long from) {
    static final String LOST = "tunnelforge-resent";
    static final String FROM = "tunnelforge-resume-from";

    /** A request on a data connection. */
    public record Key(String connectionId, int id) {
    }

    /**
     * Adds the two fields to a request that is sent again.
     *
     * @param lost by which both sides know it, and further ones
     */
    public static void tell(Fields fields, List<String> lost, long from) {
        fields.addFirst(FROM, Long.toString(from));
        fields.addFirst(LOST, String.join(", ", lost));
    }

    /**
     * Reads the two fields.
     *
     * @throws IllegalArgumentException when they cannot be understood
     */
    public static Resent parse(Fields fields) {
        List<Key> keys = new ArrayList<>();
        for (String text : fields.get(LOST).split(",", Limits.MAX_RESENT + 1)) {
            String key = text.strip();
            int slash = key.lastIndexOf('/');
            if (slash < 1 || keys.size() == Limits.MAX_RESENT) {
                throw new IllegalArgumentException("a " + LOST + " that cannot be understood");
            }
            keys.add(new Key(key.substring(0, slash), Integer.parseInt(key.substring(slash + 1))));
        }
        String from = fields.get(FROM);
        return new Resent(List.copyOf(keys), from == null ? 0 : Long.parseLong(from));
    }
}
