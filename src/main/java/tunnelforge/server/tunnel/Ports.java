package tunnelforge.server.tunnel;

import java.io.IOException;

/** Opens the ports of {@code tcp} tunnels. */
public interface Ports {
    /**
     * Opens a port whose visitors are the tunnel's, which closes it.
     *
     * @throws java.net.BindException when another program has the port
     * @throws IOException when another tunnel has not let go of it yet
     */
    void open(Tunnel tunnel, int port) throws IOException;
}
