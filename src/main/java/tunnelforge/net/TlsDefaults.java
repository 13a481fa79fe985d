package tunnelforge.net;

/** What the JDK's TLS reads from system properties once, when its first class is loaded. */
public final class TlsDefaults {
    private TlsDefaults() {
    }

    /**
     * Makes TLS stricter for the whole process: an end of stream without close_notify is no end but a broken connection, so that a
     * truncated body is not taken for a whole one, and visitors cannot keep the server busy with renegotiations. And in one thing less
     * strict: a server's sockets do not read the name that a client asks for, which {@link ClientHello} has read before them: with a dot at
     * its end, as some clients send it, they would refuse it. Called first thing by a program's {@code main}; a property that was set on
     * the command line stays.
     */
    public static void apply() {
        set("com.sun.net.ssl.requireCloseNotify", "true");
        set("jdk.tls.rejectClientInitiatedRenegotiation", "true");
        set("jdk.tls.server.disableExtensions", "server_name");
    }

    private static void set(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }
}
