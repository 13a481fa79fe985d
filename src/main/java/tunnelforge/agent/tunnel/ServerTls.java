package tunnelforge.agent.tunnel;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import tunnelforge.net.ClientKey;
import tunnelforge.net.Connection;
import tunnelforge.net.ServerTrust;
import tunnelforge.net.TlsContexts;
import tunnelforge.text.Addresses;
import tunnelforge.text.HostNames;

/**
 * TLS to the server with what was in the agent's files at one time: a context, so that sessions are resumed. The data connections of a control connection
 * use the same, since the server expects the same certificate on them.
 */
public final class ServerTls {
    /** To connect, and again for what has to be agreed on. */
    static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);

    private final ServerAccess access;
    private final TrustFiles.Loaded loaded;
    private final SSLContext context;
    private final SSLParameters parameters;

    ServerTls(ServerAccess access, TrustFiles.Loaded loaded) {
        this.access = access;
        this.loaded = loaded;
        this.context = TlsContexts.of(loaded.own() == null ? null : new ClientKey(loaded.own()), access.trust(loaded));
        this.parameters = parameters(access);
    }

    /** What is agreed on, and asked for. A server at an address is asked for by its name, where that was given: what stands in front of it may choose by that. A name in the address goes before. */
    public static SSLParameters parameters(ServerAccess access) {
        SSLParameters parameters = ServerTrust.parameters();
        if (Addresses.ofHost(access.address().host()) != null && Addresses.ofHost(access.name()) == null) {
            parameters.setServerNames(List.of(new SNIHostName(HostNames.normalise(access.name()))));
        }
        return parameters;
    }

    TrustFiles.Loaded loaded() {
        return loaded;
    }

    void start(Connection connection) throws IOException {
        connection.startTlsClient(context, parameters, access.address().host(), access.address().port());
    }
}
