package tunnelforge.net;

import java.net.InetAddress;

/** IP addresses in text. */
public final class Addresses {
    private static final int GROUPS = 8;

    private Addresses() {
    }

    /**
     * An address as people and other programs write it: the JDK writes {@code 0:0:0:0:0:0:0:1} for {@code ::1}.
     *
     * @param address any
     * @return IPv6 as in RFC 5952 section 4, without a zone
     */
    public static String text(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (bytes.length != 2 * GROUPS) {
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
}
