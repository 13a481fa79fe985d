package tunnelforge.agent.traffic;

import java.util.Locale;
import java.util.Set;
import tunnelforge.http.Fields;
import tunnelforge.http.ResponseHead;

/** Which responses are worth compressing, and may be. */
final class Compressible {
    /** A body that is known to be smaller is not: gzip costs more than it saves. */
    static final int MIN_BYTES = 1024;

    private static final int NO_CONTENT = 204;
    private static final int NOT_MODIFIED = 304;
    /** Beside {@code text/*} and what ends in {@code +json} or {@code +xml}. */
    private static final Set<String> TYPES = Set.of("application/json", "application/javascript", "application/x-javascript", "application/ecmascript", "application/xml",
            "application/xml-dtd", "application/wasm", "application/x-ndjson", "application/ndjson", "application/jsonl", "application/json-seq", "application/yaml",
            "application/x-yaml", "application/toml", "application/graphql", "application/sql", "application/rtf", "application/x-www-form-urlencoded",
            "application/vnd.ms-fontobject", "font/ttf", "font/otf", "image/bmp", "image/x-icon", "image/vnd.microsoft.icon");
    /** What says of the content as it is (RFC 9530, RFC 3230, RFC 1864), or of the head (RFC 9421). */
    private static final String[] PROOFS = {"Content-Digest", "Repr-Digest", "Digest", "Content-MD5", "Signature"};

    private Compressible() {
    }

    /** Whether a response to GET with this head is compressed where that is asked for; also of a response to HEAD, or of a part, which are not. */
    static boolean is(ResponseHead head) {
        Fields fields = head.fields();
        return head.status() != NO_CONTENT && head.status() != NOT_MODIFIED && hasType(fields.get("Content-Type")) && (isPart(head) || length(fields) >= MIN_BYTES)
                && !fields.contains("Content-Encoding") && !isForbidden(fields) && !isProved(fields);
    }

    /** The length of the body that follows; {@link Long#MAX_VALUE} where it is not known. */
    static long length(Fields fields) {
        String length = fields.get("Content-Length");
        return length == null ? Long.MAX_VALUE : Long.parseLong(length);
    }

    /** Whether sender or recipient forbids it (RFC 9111 section 5.2.2.6, 5.2.1.6). */
    static boolean isForbidden(Fields fields) {
        return fields.hasToken("Cache-Control", "no-transform");
    }

    /** Whether it is a part of something, or says that there is no such part. */
    static boolean isPart(ResponseHead head) {
        return head.status() == 206 || head.fields().contains("Content-Range");
    }

    /** Takes out what would be wrong of compressed content. */
    static void removeProofs(Fields trailers) {
        for (String proof : PROOFS) {
            trailers.remove(proof);
        }
    }

    private static boolean hasType(String value) {
        if (value == null) {
            return false;
        }
        int semicolon = value.indexOf(';');
        String type = (semicolon < 0 ? value : value.substring(0, semicolon)).strip().toLowerCase(Locale.ROOT);
        return type.startsWith("text/") || type.endsWith("+json") || type.endsWith("+xml") || TYPES.contains(type);
    }

    private static boolean isProved(Fields fields) {
        for (String proof : PROOFS) {
            if (fields.contains(proof) || fields.hasToken("Trailer", proof)) {
                return true;
            }
        }
        return false;
    }
}
