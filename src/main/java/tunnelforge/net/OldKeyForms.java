package tunnelforge.net;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * The private keys that OpenSSL wrote before PKCS#8, wrapped into PKCS#8 (RFC 5208), the only form that the JDK reads:
 * {@code SEQUENCE { INTEGER 0, SEQUENCE { OID algorithm, parameters }, OCTET STRING { the old form } }}.
 */
final class OldKeyForms {
    private static final int SEQUENCE = 0x30;
    private static final int OCTET_STRING = 0x04;
    private static final int CURVE = 0xa0;
    private static final byte[] VERSION_0 = {0x02, 1, 0};
    /** OID 1.2.840.113549.1.1.1 and NULL parameters (RFC 8017 appendix A.1). */
    private static final byte[] RSA = {0x06, 9, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 1, 1, 1, 0x05, 0};
    /** OID 1.2.840.10045.2.1 (RFC 5480 section 2.1.1); the parameters name the curve. */
    private static final byte[] EC = {0x06, 7, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 2, 1};

    private OldKeyForms() {
    }

    /** RFC 8017 appendix A.1.2. */
    static byte[] rsa(byte[] pkcs1) {
        return element(SEQUENCE, VERSION_0, element(SEQUENCE, RSA), element(OCTET_STRING, pkcs1));
    }

    /**
     * RFC 5915 section 3: {@code SEQUENCE { INTEGER 1, OCTET STRING key, [0] curve, [1] public key }}. Null when it
     * names no curve, without which the key means nothing.
     */
    static byte[] ec(byte[] sec1) {
        int at = content(sec1, 0);
        while (at >= 0 && at < sec1.length && (sec1[at] & 0xff) != CURVE) {
            at = end(sec1, at);
        }
        int end = at < 0 || at >= sec1.length ? -1 : end(sec1, at);
        if (end < 0) {
            return null;
        }
        int from = content(sec1, at);
        byte[] curve = Arrays.copyOfRange(sec1, from, end);
        return element(SEQUENCE, VERSION_0, element(SEQUENCE, EC, curve), element(OCTET_STRING, sec1));
    }

    private static byte[] element(int tag, byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        int length = content.size();
        ByteArrayOutputStream element = new ByteArrayOutputStream();
        element.write(tag);
        if (length < 0x80) {
            element.write(length);
        } else if (length < 0x100) {
            element.writeBytes(new byte[] {(byte) 0x81, (byte) length});
        } else if (length < 0x10000) {
            element.writeBytes(new byte[] {(byte) 0x82, (byte) (length >> 8), (byte) length});
        } else {
            element.writeBytes(new byte[] {(byte) 0x83, (byte) (length >> 16), (byte) (length >> 8), (byte) length});
        }
        element.writeBytes(content.toByteArray());
        return element.toByteArray();
    }

    /** Where the content of the element at {@code at} begins, or -1 where none fits. */
    private static int content(byte[] der, int at) {
        if (at + 2 > der.length) {
            return -1;
        }
        int length = der[at + 1] & 0xff;
        int begin = length < 0x80 ? at + 2 : at + 2 + (length & 0x7f);
        return begin > der.length ? -1 : begin;
    }

    /** The index after the element at {@code at}, or -1 when it reaches past the end. */
    private static int end(byte[] der, int at) {
        int begin = content(der, at);
        if (begin < 0) {
            return -1;
        }
        long length = der[at + 1] & 0xff;
        if (length >= 0x80) {
            length = 0;
            for (int i = at + 2; i < begin; i++) {
                length = length << 8 | der[i] & 0xff;
                if (length > der.length) {
                    return -1;
                }
            }
        }
        return begin + length > der.length ? -1 : (int) (begin + length);
    }
}
