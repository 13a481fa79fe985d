package tunnelforge.agent.proxy;

import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import tunnelforge.cli.HostPort;
import tunnelforge.http.HttpException;
import tunnelforge.net.Connection;

/** What is agreed on with a proxy before its connection leads to the server. */
public final class ProxyWay {
    /** For all answers of the proxy. */
    static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);

    private static final String KIND = "is it a proxy of this kind, and does it let this machine in?";

    private ProxyWay() {
    }

    /**
     * Has the proxy open a connection to the server. {@code connection} leads to the proxy, and to the server when this returns.
     *
     * @throws ProxyException saying what the proxy has answered, and what to do
     */
    public static void open(Proxy proxy, Connection connection, HostPort server) throws ProxyException {
        try (Connection.Total answer = connection.within(ANSWER_LIMIT)) {
            switch (proxy.kind()) {
                case HTTP -> new HttpConnect(proxy, server).open(connection.in(), connection.out());
                case SOCKS5 -> new Socks5(proxy, server).open(connection.in(), connection.out());
            }
        } catch (ProxyException e) {
            throw e;
        } catch (HttpException e) {
            throw ProxyException.unsuitable(proxy);
        } catch (EOFException e) {
            throw new ProxyException(proxy, "the proxy ended the connection without an answer", KIND);
        } catch (IOException e) {
            throw connection.late() ? new ProxyException(proxy, "the proxy did not answer within " + ANSWER_LIMIT.toSeconds() + " s", "is it a proxy of this kind, and can it reach " + server + "?")
                    : new ProxyException(proxy, "the connection to the proxy broke: " + e.getMessage(), KIND);
        }
    }
}
