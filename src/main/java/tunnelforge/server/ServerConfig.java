package tunnelforge.server;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import tunnelforge.server.accesslog.AccessLogOptions;
import tunnelforge.server.tls.CertificateFiles;
import tunnelforge.server.tunnel.TunnelRules;
import tunnelforge.text.AddressRange;

/**
 * What a server is told, complete before it starts.
 *
 * @param accessLog null for none
 */
public record ServerConfig(Listening listening, Keys keys, TunnelRules tunnels, AccessLogOptions accessLog) {
    /**
     * Where visitors and agents come in.
     *
     * @param bind the address to listen on; null for all
     * @param port of TLS; 0 for any free one
     * @param httpPort of plain HTTP; 0 for any free one, {@link #NO_HTTP} for none
     * @param publicPort the TLS port that visitors see; 0 for the one that is listened on
     * @param loadBalancers where connections come from that begin with a header of the PROXY protocol; empty for none
     * @param believed where requests come from whose X-Forwarded fields are true; empty for none
     * @param hsts the Strict-Transport-Security of answers over https; null for none
     */
    public record Listening(InetAddress bind, int port, int httpPort, int publicPort, List<AddressRange> loadBalancers, List<AddressRange> believed, String hsts) {
        /** No plain HTTP. */
        static final int NO_HTTP = -1;

        boolean hasHttp() {
            return httpPort != NO_HTTP;
        }
    }

    /**
     * What proves who is who.
     *
     * @param stateDirectory keys, the CA and the token live there
     * @param token opens tunnels; null for the one in the state directory, made on first start
     * @param accounts who may open tunnels instead; null for whoever has the token
     * @param certificates loaded ones, which go before the own CA's
     * @param clientCa PEM: where agents' certificates come from; null when they need none
     */
    public record Keys(Path stateDirectory, String token, Path accounts, List<CertificateFiles> certificates, Path clientCa) {
        @Override
        public String toString() {
            return "Keys[stateDirectory=" + stateDirectory + ", token hidden]";
        }
    }

    String domain() {
        return tunnels.domain();
    }
}
