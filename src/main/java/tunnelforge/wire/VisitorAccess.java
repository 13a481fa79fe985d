package tunnelforge.wire;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import tunnelforge.json.JsonArray;
import tunnelforge.json.JsonException;
import tunnelforge.json.JsonObject;
import tunnelforge.json.JsonString;
import tunnelforge.text.AddressRange;

/**
 * Who may visit a tunnel: the fields {@code auth}, {@code allow} and {@code deny} of its options.
 *
 * @param users {@code user:password} of each of whom visitors must be one (RFC 7617); empty: nobody is asked; kept out of {@link #toString}
 * @param allow where visitors must come from; empty: from anywhere
 * @param deny where none may come from, allowed or not
 */
public record VisitorAccess(List<String> users, List<AddressRange> allow, List<AddressRange> deny) {
    /** Anybody may visit. */
    public static final VisitorAccess ANYBODY = new VisitorAccess(List.of(), List.of(), List.of());

    static final String AUTH = "auth";
    static final String ALLOW = "allow";
    static final String DENY = "deny";

    /** Refuses what the wire does not allow, with the field's name: {@link IllegalArgumentException}. */
    public VisitorAccess {
        users = List.copyOf(users);
        allow = atMost(Limits.MAX_ADDRESS_RANGES, ALLOW, allow);
        deny = atMost(Limits.MAX_ADDRESS_RANGES, DENY, deny);
        atMost(Limits.MAX_VISITOR_USERS, AUTH, users);
        int bytes = 0;
        for (String user : users) {
            Check.optional(AUTH, user, Limits.MAX_TEXT);
            int colon = user.indexOf(':');
            if (colon < 0 || colon == user.length() - 1) {
                throw new IllegalArgumentException("field 'auth' must be user:password");
            }
            if (user.chars().anyMatch(Character::isISOControl)) {
                throw new IllegalArgumentException("field 'auth' has a control character");
            }
            bytes += user.getBytes(StandardCharsets.UTF_8).length;
        }
        if (bytes > Limits.MAX_AUTH_BYTES) {
            throw new IllegalArgumentException("field 'auth' has " + bytes + " bytes in all; the limit is " + Limits.MAX_AUTH_BYTES);
        }
    }

    private static <T> List<T> atMost(int most, String field, List<T> list) {
        if (list.size() > most) {
            throw new IllegalArgumentException("field '" + field + "' has " + list.size() + " elements; the limit is " + most);
        }
        return List.copyOf(list);
    }

    /** Whether nobody is kept out. */
    public boolean isAnybody() {
        return fields().isEmpty();
    }

    /** The fields of the options that say something: a server that keeps to them names them when it registers the tunnel. */
    public List<String> fields() {
        return Stream.of(users.isEmpty() ? null : AUTH, allow.isEmpty() ? null : ALLOW, deny.isEmpty() ? null : DENY)
                .filter(field -> field != null).toList();
    }

    static VisitorAccess from(JsonObject json) throws JsonException {
        List<String> users = json.get(AUTH) instanceof JsonString one ? List.of(one.value()) : json.strings(AUTH);
        return new VisitorAccess(users, ranges(json, ALLOW), ranges(json, DENY));
    }

    private static List<AddressRange> ranges(JsonObject json, String field) throws JsonException {
        List<AddressRange> ranges = new ArrayList<>();
        for (String text : atMost(Limits.MAX_ADDRESS_RANGES, field, json.strings(field))) {
            try {
                ranges.add(AddressRange.parse(text));
            } catch (IllegalArgumentException e) {
                throw new JsonException("field '" + field + "' is wrong: " + e.getMessage());
            }
        }
        return ranges;
    }

    /** One user is a string, as servers know it that know nothing of several. */
    void putInto(JsonObject.Builder json) {
        if (users.size() == 1) {
            json.put(AUTH, users.getFirst());
        } else if (!users.isEmpty()) {
            json.put(AUTH, JsonArray.ofStrings(users));
        }
        if (!allow.isEmpty()) {
            json.put(ALLOW, JsonArray.ofStrings(texts(allow)));
        }
        if (!deny.isEmpty()) {
            json.put(DENY, JsonArray.ofStrings(texts(deny)));
        }
    }

    private static List<String> texts(List<AddressRange> ranges) {
        return ranges.stream().map(AddressRange::toString).toList();
    }

    @Override
    public String toString() {
        return "VisitorAccess[users=" + (users.isEmpty() ? "[]" : "(hidden)") + ", allow=" + allow + ", deny=" + deny + "]";
    }
}
