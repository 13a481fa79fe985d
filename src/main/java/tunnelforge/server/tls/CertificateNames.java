package tunnelforge.server.tls;

import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.security.auth.x500.X500Principal;
import tunnelforge.net.ServerNames;

/** What a certificate calls its owner, be that a host or not. */
final class CertificateNames {
    /** More names are nobody's. */
    static final int MOST = 32;
    private static final int MAX_LENGTH = 256;
    /** RFC 5280 section 4.2.1.6. */
    private static final int SAN_EMAIL = 1;
    private static final int SAN_DNS = 2;
    private static final int SAN_URI = 6;

    private CertificateNames() {
    }

    /** Common names of the subject, then DNS names (lower case), URIs and e-mail addresses; each once. What cannot be printed is no name. */
    static List<String> of(X509Certificate certificate) {
        List<String> names = new ArrayList<>(commonNames(certificate.getSubjectX500Principal()));
        for (int type : new int[] {SAN_DNS, SAN_URI, SAN_EMAIL}) {
            for (List<?> alternative : ServerNames.alternatives(certificate)) {
                if (alternative.get(0).equals(type) && alternative.get(1) instanceof String name) {
                    names.add(type == SAN_DNS ? name.toLowerCase(Locale.ROOT) : name);
                }
            }
        }
        return names.stream().filter(CertificateNames::isPrintable).distinct().limit(MOST).toList();
    }

    private static boolean isPrintable(String name) {
        return !name.isBlank() && name.length() <= MAX_LENGTH && name.chars().noneMatch(Character::isISOControl);
    }

    /** Of the subject's text (RFC 2253): attributes are kept apart by commas and plus signs, and what is none of these is escaped. */
    static List<String> commonNames(X500Principal subject) {
        String text = subject.getName(X500Principal.RFC2253);
        List<String> names = new ArrayList<>();
        StringBuilder attribute = new StringBuilder();
        for (int i = 0; i <= text.length(); i++) {
            if (i == text.length() || text.charAt(i) == ',' || text.charAt(i) == '+') {
                // A value that begins so is no text.
                if (attribute.indexOf("CN=") == 0 && attribute.indexOf("CN=#") != 0) {
                    names.add(attribute.substring("CN=".length()));
                }
                attribute.setLength(0);
            } else if (text.charAt(i) == '\\' && i + 1 < text.length()) {
                i++;
                attribute.append(text.charAt(i));
            } else {
                attribute.append(text.charAt(i));
            }
        }
        return names;
    }
}
