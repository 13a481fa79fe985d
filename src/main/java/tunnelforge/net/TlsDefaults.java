package tunnelforge.net;

/** What the JDK's TLS reads from system properties once, when its first class is loaded. */
public final class TlsDefaults {
    private TlsDefaults() {
    }

    /**
     * Makes TLS stricter for the whole process: an end of stream without close_notify is no end but a broken connection, so that a
     * truncated body is not taken for a whole one, and visitors cannot keep the server busy with renegotiations. Called first thing by a
     * program's {@code main}; a property that was set on the command line stays.
     */
    public static void apply() {
        set("com.sun.net.ssl.requireCloseNotify");
        set("jdk.tls.rejectClientInitiatedRenegotiation");
    }

    private static void set(String property) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, "true");
        }
    }
}
