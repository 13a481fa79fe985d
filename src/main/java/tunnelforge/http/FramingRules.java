package tunnelforge.http;

import tunnelforge.text.Printable;

/** The rules of RFC 9112 section 6.3, narrowed to what every reader reads alike. */
final class FramingRules {
    private static final int BAD_REQUEST = 400;
    private static final int NOT_IMPLEMENTED = 501;
    private static final int BAD_GATEWAY = 502;
    private static final String CHUNKED = "chunked";
    private static final int MAX_LENGTH_DIGITS = 19;

    private FramingRules() {
    }

    static Framing ofRequest(RequestHead head) throws HttpException {
        Fields fields = head.fields();
        if (fields.contains("Transfer-Encoding")) {
            return chunked(fields, head.minorVersion(), BAD_REQUEST, NOT_IMPLEMENTED);
        }
        long length = contentLength(fields, BAD_REQUEST);
        return length < 0 ? Framing.NONE : new Framing.Length(length);
    }

    static Framing ofResponse(ResponseHead head, String requestMethod) throws HttpException {
        Fields fields = head.fields();
        // Looked at even where no body can follow: the visitor, or a cache of his, gets to see these fields.
        Framing told = Framing.UNTIL_CLOSE;
        if (fields.contains("Transfer-Encoding")) {
            told = chunked(fields, head.minorVersion(), BAD_GATEWAY, BAD_GATEWAY);
        } else {
            long length = contentLength(fields, BAD_GATEWAY);
            if (length >= 0) {
                told = new Framing.Length(length);
            }
        }
        return hasNoBody(head.status(), requestMethod) ? Framing.NONE : told;
    }

    static boolean hasNoBody(int status, String requestMethod) {
        return status < 200 || status == 204 || status == 304 || requestMethod.equals("HEAD");
    }

    private static Framing chunked(Fields fields, int minorVersion, int bad, int unknown) throws HttpException {
        if (minorVersion == 0) {
            throw new HttpException(bad, "Transfer-Encoding in an HTTP/1.0 message");
        }
        if (fields.contains("Content-Length")) {
            throw new HttpException(bad, "both Transfer-Encoding and Content-Length");
        }
        if (fields.count("Transfer-Encoding") > 1) {
            throw new HttpException(bad, "more than one Transfer-Encoding");
        }
        String value = fields.get("Transfer-Encoding");
        if (value.equalsIgnoreCase(CHUNKED)) {
            return Framing.CHUNKED;
        }
        throw new HttpException(endsChunkedOnce(value) ? unknown : bad,
                "Transfer-Encoding " + Printable.quotedOctets(value) + " where only \"chunked\" is understood");
    }

    /** A final chunked ends the body even if the codings before it are unknown; without it the end of the body is unknown. */
    private static boolean endsChunkedOnce(String value) {
        int chunked = 0;
        boolean last = false;
        for (ListMembers members = new ListMembers(value); members.next();) {
            last = members.is(CHUNKED);
            chunked += members.startsWith(CHUNKED) ? 1 : 0;
        }
        return last && chunked == 1;
    }

    /** Leaves lengths that differ, or are no numbers, as they are: to be refused. */
    static void uniteLengths(Fields fields) {
        if (isPlainLength(fields)) {
            return;
        }
        String one = null;
        for (int i = 0; i < fields.size(); i++) {
            if (!Fields.sameName(fields.name(i), "Content-Length")) {
                continue;
            }
            for (String member : fields.value(i).split(",", -1)) {
                String digits = withoutZeros(member.strip());
                if (digits.isEmpty() || !digits.equals(one == null ? digits : one)) {
                    return;
                }
                one = digits;
            }
        }
        if (one != null) {
            fields.set("Content-Length", one);
        }
    }

    /** Nearly every response says it in one way only, or not at all. */
    private static boolean isPlainLength(Fields fields) {
        String value = fields.get("Content-Length");
        return value == null || value.indexOf(',') < 0 && !value.startsWith("0") && fields.count("Content-Length") == 1;
    }

    /** The digits of a number without leading zeros; empty when it is none. */
    private static String withoutZeros(String text) {
        int from = 0;
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return "";
            }
            if (from == i && i < text.length() - 1 && text.charAt(i) == '0') {
                from++;
            }
        }
        return text.substring(from);
    }

    /** The length, or -1 without the field. A leading zero is refused: some read it as octal. */
    private static long contentLength(Fields fields, int bad) throws HttpException {
        String value = fields.get("Content-Length");
        if (value == null) {
            return -1;
        }
        if (fields.count("Content-Length") > 1) {
            throw new HttpException(bad, "more than one Content-Length");
        }
        int digits = value.length();
        long length = digits == 0 || digits > MAX_LENGTH_DIGITS || digits > 1 && value.charAt(0) == '0' ? -1 : 0;
        for (int i = 0; i < digits && length >= 0; i++) {
            int digit = value.charAt(i) - '0';
            // The nineteenth digit may overflow, and then the sum is negative.
            length = digit < 0 || digit > 9 ? -1 : length * 10 + digit;
        }
        if (length < 0) {
            throw new HttpException(bad, "Content-Length " + Printable.quotedOctets(value) + " is not a number from 0 to 2^63-1");
        }
        return length;
    }
}
