package tunnelforge.net;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import tunnelforge.text.Addresses;
import tunnelforge.text.HostNames;
import tunnelforge.text.Printable;

/**
 * The first message of a TLS connection, read from the raw stream before anything else is decided: which name the
 * client asks for (SNI), and the bytes themselves, which go on to TLS or to an agent unchanged.
 *
 * <p>Source: RFC 8446 sections 4.1.2 and 5.1 (the layout is the same down to TLS 1.0), RFC 6066 section 3. Only the
 * framing and {@code server_name} are judged; ciphers, versions and the other extensions are left to whoever speaks
 * TLS.
 */
public final class ClientHello {
    /** Room for a ClientHello of 16 KiB and the headers of up to 64 records that carry it. */
    public static final int DEFAULT_LIMIT_BYTES = 16 * 1024 + 64 * 5;

    /** What every ClientHello begins with: the type of its record. */
    public static final int FIRST_OCTET = 22;

    /** Alert description: the message breaks a length or the layout. */
    public static final int ALERT_DECODE_ERROR = 50;
    /** Alert description: a message that has no place here. */
    public static final int ALERT_UNEXPECTED_MESSAGE = 10;
    /** Alert description: a record or message is too long. */
    public static final int ALERT_RECORD_OVERFLOW = 22;
    /** Alert description: a field holds what it must not. */
    public static final int ALERT_ILLEGAL_PARAMETER = 47;
    /** Alert description: whoever asks may not. */
    public static final int ALERT_ACCESS_DENIED = 49;
    /** Alert description: nobody here has that name. */
    public static final int ALERT_UNRECOGNIZED_NAME = 112;

    private static final int RECORD_ALERT = 21;
    private static final int VERSION_AND_RANDOM_BYTES = 2 + 32;
    private static final int MAX_SESSION_ID_BYTES = 32;
    private static final int EXTENSION_SERVER_NAME = 0;
    private static final int NAME_TYPE_HOST = 0;

    private final byte[] bytes;
    private final String serverName;

    private ClientHello(byte[] bytes, String serverName) {
        this.bytes = bytes;
        this.serverName = serverName;
    }

    /**
     * Reads one ClientHello and the rest of the record in which it ends, nothing beyond it. It blocks for as long as
     * the stream does: the caller sets a deadline on the connection.
     *
     * @param in the raw stream, at its beginning
     * @param limitBytes the most to take from the stream, record headers included
     * @throws NotTlsException when the first byte does not begin a handshake record
     * @throws ClientHelloException when it is malformed, over the limit, or asks for what cannot be a name
     * @throws EOFException when the stream ends first
     */
    public static ClientHello read(InputStream in, int limitBytes) throws IOException {
        ClientHelloRecords records = new ClientHelloRecords(in, limitBytes);
        byte[] message = records.readMessage();
        return new ClientHello(records.taken(), serverName(new Cursor(message)));
    }

    /** The host name that the client asks for, in lower case, without a trailing dot; null when there is none or it is an IP address. */
    public String serverName() {
        return serverName;
    }

    /** A copy of exactly what was taken from the stream. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /**
     * A fatal alert in the clear, which a client understands in answer to its ClientHello (RFC 8446 sections 5.1 and
     * 6.2). {@code description} is one of the {@code ALERT_} numbers.
     */
    public static byte[] alert(int description) {
        return new byte[] {RECORD_ALERT, 3, 3, 0, 2, 2, (byte) description};
    }

    private static String serverName(Cursor message) throws ClientHelloException {
        message.skip(VERSION_AND_RANDOM_BYTES);
        int sessionId = message.u8();
        if (sessionId > MAX_SESSION_ID_BYTES) {
            throw malformed("a session id of " + sessionId + " bytes (limit " + MAX_SESSION_ID_BYTES + ")");
        }
        message.skip(sessionId);
        message.skip(message.u16());
        message.skip(message.u8());
        if (message.left() == 0) {
            return null;
        }
        Cursor extensions = message.part(message.u16());
        if (message.left() != 0) {
            throw malformed(message.left() + " bytes after the extensions");
        }
        String name = null;
        boolean seen = false;
        while (extensions.left() > 0) {
            int type = extensions.u16();
            Cursor body = extensions.part(extensions.u16());
            if (type == EXTENSION_SERVER_NAME) {
                if (seen) {
                    throw malformed("two server_name extensions");
                }
                seen = true;
                name = hostName(body);
            }
        }
        return name;
    }

    private static String hostName(Cursor extension) throws ClientHelloException {
        Cursor list = extension.part(extension.u16());
        int type = list.u8();
        Cursor name = list.part(list.u16());
        if (type != NAME_TYPE_HOST || list.left() != 0 || extension.left() != 0) {
            throw malformed("server_name must hold exactly one host_name");
        }
        String text = name.latin1();
        String host = (text.endsWith(".") ? text.substring(0, text.length() - 1) : text).toLowerCase(Locale.ROOT);
        if (Addresses.ofHost(host) != null) {
            return null;
        }
        if (!HostNames.isName(host)) {
            throw new ClientHelloException(ALERT_ILLEGAL_PARAMETER,
                    "the ClientHello asks for " + Printable.quotedOctets(text) + ", which is not a host name");
        }
        return host;
    }

    static ClientHelloException malformed(String what) {
        return new ClientHelloException(ALERT_DECODE_ERROR, "malformed ClientHello: " + what);
    }

    /** A place in a message; reading past its end is the peer's mistake. */
    private static final class Cursor {
        private final byte[] bytes;
        private final int end;
        private int at;

        Cursor(byte[] bytes) {
            this(bytes, 0, bytes.length);
        }

        private Cursor(byte[] bytes, int at, int end) {
            this.bytes = bytes;
            this.at = at;
            this.end = end;
        }

        int left() {
            return end - at;
        }

        Cursor skip(int count) throws ClientHelloException {
            if (count > end - at) {
                throw malformed("a length of " + count + " where " + (end - at) + " bytes are left");
            }
            at += count;
            return this;
        }

        Cursor part(int count) throws ClientHelloException {
            skip(count);
            return new Cursor(bytes, at - count, at);
        }

        int u8() throws ClientHelloException {
            skip(1);
            return bytes[at - 1] & 0xff;
        }

        int u16() throws ClientHelloException {
            return u8() << 8 | u8();
        }

        String latin1() {
            return new String(bytes, at, end - at, StandardCharsets.ISO_8859_1);
        }
    }
}
