package tunnelforge.agent.proxy;

import java.io.IOException;

/** The proxy does not lead to the server. The message says why. */
public final class ProxyException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient Proxy proxy;
    private final String next;
    private final boolean login;

    private ProxyException(Proxy proxy, String reason, String next, boolean login) {
        super(reason);
        this.proxy = proxy;
        this.next = next;
        this.login = login;
    }

    /** {@code next}: what a person can do. */
    ProxyException(Proxy proxy, String reason, String next) {
        this(proxy, reason, next, false);
    }

    /** What it is shown as user and password will not do. */
    static ProxyException ofLogin(Proxy proxy, String reason, String next) {
        return new ProxyException(proxy, reason, next, true);
    }

    /** It wants a user and a password: those that it was shown, or none, will not do. */
    static ProxyException ofLogin(Proxy proxy, String code) {
        return proxy.login() == null
                ? ofLogin(proxy, "the proxy asks for a user and a password (" + code + ")", "write them into " + proxy.source() + " as " + proxy.toString().replace("://", "://USER:PASSWORD@"))
                : ofLogin(proxy, "the proxy does not accept the user and password that it was shown (" + code + ")", "check them in " + proxy.source() + "; what is no letter or digit in them is written as %40 is for @");
    }

    static ProxyException unsuitable(Proxy proxy) {
        return new ProxyException(proxy, "what answers at its address is no " + (proxy.kind() == Proxy.Kind.HTTP ? "HTTP" : "SOCKS5") + " proxy",
                "check address and kind in " + proxy.source() + ": http:// is for proxies that know CONNECT, socks5:// for SOCKS5");
    }

    /** There is no connection to the proxy itself. */
    public static ProxyException unreachable(Proxy proxy, String reason) {
        return new ProxyException(proxy, "the proxy cannot be connected to: " + reason, "is it running, and is its address right in " + proxy.source() + "? --proxy none connects without one");
    }

    /** Which. */
    public Proxy proxy() {
        return proxy;
    }

    /** What a person can do. */
    public String next() {
        return next;
    }

    /** Whether trying again is of no use before somebody has changed user or password. */
    public boolean isLogin() {
        return login;
    }
}
