package tunnelforge.server.tunnel;

import java.io.IOException;
import java.util.function.Supplier;
import tunnelforge.net.Listener;

/** Opens the ports of {@code tcp} tunnels. */
public interface Ports {
    /**
     * Opens a port; the caller closes it.
     *
     * @param tunnel whose visitors those are that come, asked for each of them
     * @throws java.net.BindException when the port is taken
     */
    Listener listen(Supplier<Tunnel> tunnel, int port) throws IOException;
}
