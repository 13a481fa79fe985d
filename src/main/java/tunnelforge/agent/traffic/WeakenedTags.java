package tunnelforge.agent.traffic;

import java.util.concurrent.atomic.AtomicLongArray;
import tunnelforge.http.Fields;

/**
 * The entity tags of compressed responses. A strong tag stands for the very octets (RFC 9110 section 8.8.1), so the visitor gets it as a weak one; when it comes back in a condition, the local service
 * is asked with the strong one that it has given. Without that {@code If-Match} would never hold, and {@code If-None-Match} not with services that compare strings. {@code If-Range} keeps what it says:
 * a part must never be put to what was compressed.
 *
 * <p>Remembered are hashes of the last few thousand tags, a newer one in an older one's place. One that is forgotten goes to the service as the visitor has said it.
 */
final class WeakenedTags {
    private static final int SLOT_BITS = 12;
    private static final String WEAK = "W/";
    private static final long FNV_BASIS = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;
    /** What is alike lies far apart (Knuth, multiplicative hashing). */
    private static final long SPREAD = 0x9e3779b97f4a7c15L;

    private final AtomicLongArray hashes = new AtomicLongArray(1 << SLOT_BITS);

    /** Weakens the tag of a response that is compressed; one without quotes, which is neither strong nor weak, goes. */
    void weaken(Fields response) {
        String tag = response.get("ETag");
        if (tag == null || tag.startsWith(WEAK)) {
            return;
        }
        if (!isStrong(tag)) {
            response.remove("ETag");
            return;
        }
        long hash = hash(tag);
        hashes.setPlain(slot(hash), hash);
        response.set("ETag", WEAK + tag);
    }

    /** A response says by its tag that what the visitor has is still right: so it is the weak one that the visitor has ({@code known}: its If-None-Match). Whether it was weakened. */
    static boolean confirm(Fields response, String known) {
        String tag = response.get("ETag");
        boolean weakened = tag != null && isStrong(tag) && known.contains(WEAK + tag);
        if (weakened) {
            response.set("ETag", WEAK + tag);
        }
        return weakened;
    }

    /** Makes strong what was weakened here, in the conditions of a request. */
    void restore(Fields request) {
        for (int i = 0; i < request.size(); i++) {
            String name = request.name(i);
            if ((name.equalsIgnoreCase("If-None-Match") || name.equalsIgnoreCase("If-Match")) && request.value(i).contains(WEAK)) {
                request.setValue(i, restored(request.value(i)));
            }
        }
    }

    private String restored(String tags) {
        StringBuilder to = new StringBuilder(tags.length());
        int from = 0;
        for (int open; (open = tags.indexOf('"', from)) >= 0;) {
            int close = tags.indexOf('"', open + 1);
            if (close < 0) {
                break;
            }
            String tag = tags.substring(open, close + 1);
            int weak = open - WEAK.length();
            boolean strong = weak >= from && tags.startsWith(WEAK, weak) && isKnown(tag);
            to.append(tags, from, strong ? weak : open).append(tag);
            from = close + 1;
        }
        return to.append(tags, from, tags.length()).toString();
    }

    private boolean isKnown(String tag) {
        long hash = hash(tag);
        return hashes.getPlain(slot(hash)) == hash;
    }

    private static boolean isStrong(String tag) {
        return tag.length() > 1 && tag.startsWith("\"") && tag.indexOf('"', 1) == tag.length() - 1;
    }

    private static int slot(long hash) {
        return (int) (hash * SPREAD >>> Long.SIZE - SLOT_BITS);
    }

    private static long hash(String tag) {
        long hash = FNV_BASIS;
        for (int i = 0; i < tag.length(); i++) {
            hash = (hash ^ tag.charAt(i)) * FNV_PRIME;
        }
        return hash;
    }
}
