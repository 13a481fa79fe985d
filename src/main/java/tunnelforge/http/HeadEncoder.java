package tunnelforge.http;

/** Writes heads; every write returns the offset just past what it wrote. */
final class HeadEncoder {
    private static final int VERSION_LENGTH = "HTTP/1.1".length();
    private static final int CRLF_LENGTH = 2;

    private HeadEncoder() {
    }

    static int length(RequestHead head) {
        return head.method().length() + 1 + head.target().length() + 1 + VERSION_LENGTH + CRLF_LENGTH + length(head.fields());
    }

    static int length(ResponseHead head) {
        return VERSION_LENGTH + 1 + 3 + 1 + head.reason().length() + CRLF_LENGTH + length(head.fields());
    }

    static int length(Fields fields) {
        int length = CRLF_LENGTH;
        for (int i = 0; i < fields.size(); i++) {
            length += fields.name(i).length() + 2 + fields.value(i).length() + CRLF_LENGTH;
        }
        return length;
    }

    static int write(RequestHead head, byte[] dst, int off) {
        int at = text(head.method(), dst, off);
        dst[at++] = ' ';
        at = text(head.target(), dst, at);
        dst[at++] = ' ';
        at = version(head.minorVersion(), dst, at);
        return write(head.fields(), dst, crlf(dst, at));
    }

    static int write(ResponseHead head, byte[] dst, int off) {
        int at = version(head.minorVersion(), dst, off);
        dst[at++] = ' ';
        dst[at++] = (byte) ('0' + head.status() / 100);
        dst[at++] = (byte) ('0' + head.status() / 10 % 10);
        dst[at++] = (byte) ('0' + head.status() % 10);
        dst[at++] = ' ';
        at = text(head.reason(), dst, at);
        return write(head.fields(), dst, crlf(dst, at));
    }

    static int write(Fields fields, byte[] dst, int off) {
        int at = off;
        for (int i = 0; i < fields.size(); i++) {
            at = text(fields.name(i), dst, at);
            dst[at++] = ':';
            dst[at++] = ' ';
            at = crlf(dst, text(fields.value(i), dst, at));
        }
        return crlf(dst, at);
    }

    static int crlf(byte[] dst, int at) {
        dst[at] = '\r';
        dst[at + 1] = '\n';
        return at + CRLF_LENGTH;
    }

    private static int version(int minorVersion, byte[] dst, int at) {
        int end = text("HTTP/1.", dst, at);
        dst[end] = (byte) ('0' + minorVersion);
        return end + 1;
    }

    /** Deprecated because it drops the high byte; every string here is known to have none, and this is a plain copy. */
    @SuppressWarnings("deprecation")
    private static int text(String text, byte[] dst, int at) {
        text.getBytes(0, text.length(), dst, at);
        return at + text.length();
    }
}
