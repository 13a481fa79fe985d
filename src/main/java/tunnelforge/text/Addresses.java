package tunnelforge.text;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/** IP addresses in text. Nothing here is ever looked up. */
public final class Addresses {
    private static final int IPV4_BYTES = 4;
    private static final int IPV6_BYTES = 16;
    private static final int GROUPS = 8;
    private static final int MAX_GROUP_DIGITS = 4;
    private static final int MAX_PART_DIGITS = 3;
    private static final int MAX_PART = 255;

    private Addresses() {
    }

    /**
     * The address that a text is: four decimal numbers without leading zeros, or IPv6 (RFC 4291 section 2.2) without brackets or zone.
     *
     * @return null when it is none, a host name for example
     */
    public static InetAddress parse(String text) {
        byte[] bytes = text.indexOf(':') < 0 ? ipv4(text, 0) : ipv6(text);
        try {
            return bytes == null ? null : InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of " + bytes.length + " bytes", e);
        }
    }

    /** As {@link #parse}; but IPv6 may have brackets around it, and a zone, which is passed over. */
    public static InetAddress ofHost(String host) {
        String text = withoutBrackets(host);
        int zone = text.indexOf('%');
        return parse(zone > 0 && text.indexOf(':') >= 0 ? text.substring(0, zone) : text);
    }

    static String withoutBrackets(String host) {
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }

    /** An address as people and other programs write it: IPv6 as in RFC 5952 section 4, without a zone. The JDK writes {@code 0:0:0:0:0:0:0:1}. */
    public static String text(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (bytes.length != IPV6_BYTES) {
            return address.getHostAddress();
        }
        int zerosAt = -1;
        int zeros = 1;
        for (int i = 0; i < GROUPS; i++) {
            int run = i;
            while (run < GROUPS && group(bytes, run) == 0) {
                run++;
            }
            if (run - i > zeros) {
                zerosAt = i;
                zeros = run - i;
            }
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < GROUPS; i++) {
            if (i == zerosAt) {
                text.append("::");
                i += zeros - 1;
            } else {
                text.append(text.isEmpty() || text.charAt(text.length() - 1) == ':' ? "" : ":").append(Integer.toHexString(group(bytes, i)));
            }
        }
        return text.toString();
    }

    private static int group(byte[] bytes, int i) {
        return (bytes[2 * i] & 0xff) << 8 | bytes[2 * i + 1] & 0xff;
    }

    private static byte[] ipv6(String text) {
        byte[] bytes = new byte[IPV6_BYTES];
        int count = 0;
        int gap = text.startsWith("::") ? 0 : -1;
        int at = gap < 0 ? 0 : 2;
        while (at < text.length()) {
            int colon = text.indexOf(':', at);
            int end = colon < 0 ? text.length() : colon;
            if (colon < 0 && text.indexOf('.', at) >= 0) {
                byte[] last = ipv4(text, at);
                if (last == null || count > IPV6_BYTES - IPV4_BYTES) {
                    return null;
                }
                System.arraycopy(last, 0, bytes, count, IPV4_BYTES);
                count += IPV4_BYTES;
                break;
            }
            int group = number(text, at, end, MAX_GROUP_DIGITS, 16);
            if (group < 0 || count == IPV6_BYTES) {
                return null;
            }
            bytes[count++] = (byte) (group >> 8);
            bytes[count++] = (byte) group;
            at = end + 1;
            if (at == text.length()) {
                return null;
            }
            if (at < text.length() && text.charAt(at) == ':') {
                if (gap >= 0) {
                    return null;
                }
                gap = count;
                at++;
            }
        }
        if (gap < 0) {
            return count == IPV6_BYTES ? bytes : null;
        }
        if (count == IPV6_BYTES) {
            return null;
        }
        System.arraycopy(bytes, gap, bytes, IPV6_BYTES - (count - gap), count - gap);
        Arrays.fill(bytes, gap, IPV6_BYTES - (count - gap), (byte) 0);
        return bytes;
    }

    /** The whole rest of a text. */
    private static byte[] ipv4(String text, int from) {
        byte[] bytes = new byte[IPV4_BYTES];
        int at = from;
        for (int i = 0; i < IPV4_BYTES; i++) {
            int dot = text.indexOf('.', at);
            if (dot < 0 != (i == IPV4_BYTES - 1)) {
                return null;
            }
            int end = dot < 0 ? text.length() : dot;
            int part = number(text, at, end, MAX_PART_DIGITS, 10);
            // What begins with a zero is octal to some, and another address.
            if (part < 0 || part > MAX_PART || end - at > 1 && text.charAt(at) == '0') {
                return null;
            }
            bytes[i] = (byte) part;
            at = end + 1;
        }
        return bytes;
    }

    /** -1 when it is none. Digits of other scripts, which the JDK would take, are none. */
    private static int number(String text, int from, int to, int maxDigits, int radix) {
        int number = to == from || to - from > maxDigits ? -1 : 0;
        for (int i = from; i < to && number >= 0; i++) {
            char c = text.charAt(i);
            int digit = c < 0x80 ? Character.digit(c, radix) : -1;
            number = digit < 0 ? -1 : number * radix + digit;
        }
        return number;
    }
}
