package tunnelforge.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

/** Methods and field names that nearly every message has, so that they are not made anew each time. */
final class KnownStrings {
    private static final String NAMES = """
            Accept Accept-Charset Accept-Encoding Accept-Language Accept-Ranges Access-Control-Allow-Credentials
            Access-Control-Allow-Headers Access-Control-Allow-Methods Access-Control-Allow-Origin Access-Control-Expose-Headers
            Access-Control-Max-Age Access-Control-Request-Headers Access-Control-Request-Method Age Allow Alt-Svc
            Authorization Cache-Control CDN-Loop Connection Content-Disposition Content-Encoding Content-Language Content-Length
            Content-Location Content-Range Content-Security-Policy Content-Type Cookie Cross-Origin-Opener-Policy
            Cross-Origin-Resource-Policy Date DNT ETag Expect Expires Forwarded From Host If-Match If-Modified-Since
            If-None-Match If-Range If-Unmodified-Since Keep-Alive Last-Modified Link Location Origin Pragma Priority
            Proxy-Authorization Proxy-Connection Range Referer Referrer-Policy Retry-After Save-Data Sec-CH-UA
            Sec-CH-UA-Mobile Sec-CH-UA-Platform Sec-Fetch-Dest Sec-Fetch-Mode Sec-Fetch-Site Sec-Fetch-User Sec-GPC
            Sec-WebSocket-Accept Sec-WebSocket-Extensions Sec-WebSocket-Key Sec-WebSocket-Protocol Sec-WebSocket-Version
            Server Server-Timing Set-Cookie Strict-Transport-Security TE Timing-Allow-Origin Trailer Transfer-Encoding
            Tunnelforge-Request-Id Tunnelforge-Visitor-Connection Upgrade Upgrade-Insecure-Requests User-Agent Vary Via WWW-Authenticate
            X-Content-Type-Options X-Forwarded-For X-Forwarded-Host X-Forwarded-Proto X-Frame-Options X-Powered-By
            X-Real-IP X-Request-ID X-Requested-With X-XSS-Protection""";
    private static final String METHODS = "GET HEAD POST PUT DELETE PATCH OPTIONS";
    private static final int SLOTS = 1024;
    private static final String[] TABLE = table();

    private KnownStrings() {
    }

    /** The string of some ASCII octets whose String.hashCode is given. */
    static String at(byte[] b, int off, int len, int hash) {
        int slot = slot(hash);
        for (String known = TABLE[slot]; known != null; known = TABLE[slot]) {
            if (known.length() == len && known.hashCode() == hash && equal(known, b, off)) {
                return known;
            }
            slot = slot + 1 & SLOTS - 1;
        }
        return new String(b, off, len, ISO_8859_1);
    }

    /** A peer can make hashes collide, so they prove nothing. */
    private static boolean equal(String known, byte[] b, int off) {
        for (int i = 0; i < known.length(); i++) {
            if (known.charAt(i) != b[off + i]) {
                return false;
            }
        }
        return true;
    }

    private static int slot(int hash) {
        return (hash ^ hash >>> 15) & SLOTS - 1;
    }

    private static String[] table() {
        String[] table = new String[SLOTS];
        for (String name : (METHODS + " " + NAMES).split("\\s")) {
            put(table, name);
            if (!METHODS.contains(name)) {
                put(table, name.toLowerCase(java.util.Locale.ROOT));
            }
        }
        return table;
    }

    private static void put(String[] table, String text) {
        int slot = slot(text.hashCode());
        while (table[slot] != null) {
            if (table[slot].equals(text)) {
                return;
            }
            slot = slot + 1 & SLOTS - 1;
        }
        table[slot] = text;
    }
}
