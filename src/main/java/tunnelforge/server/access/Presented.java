package tunnelforge.server.access;

import java.util.List;

/**
 * What an agent has proved by a certificate that this server accepts; null stands for none, where none is asked for.
 *
 * @param names what the certificate calls it: common names, DNS names (lower case), URIs and e-mail addresses, in this order
 * @param fingerprint SHA-256 of the certificate, in hexadecimal digits
 */
public record Presented(List<String> names, String fingerprint) {
    /** Keeps a copy. */
    public Presented {
        names = List.copyOf(names);
    }

    /** Its names, for a person. */
    public String shown() {
        return names.isEmpty() ? "nobody by name" : String.join(", ", names);
    }

    /** Whether two are of one certificate, or none is of any. */
    public static boolean same(Presented one, Presented other) {
        return one == null ? other == null : other != null && one.fingerprint.equals(other.fingerprint);
    }
}
