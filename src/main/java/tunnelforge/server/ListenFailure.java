package tunnelforge.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tunnelforge.net.OwnAddresses;
import tunnelforge.text.Addresses;

/** Why a port cannot be listened on, and what to do about it. */
final class ListenFailure {
    private static final int FIRST_OF_EVERYBODY = 1024;

    private ListenFailure() {
    }

    /**
     * The failure as the person who started the server is told.
     *
     * @param option by which the port was chosen
     * @param bind null for all addresses
     */
    static IOException of(SocketException cause, String option, InetAddress bind, int port) {
        return new IOException(reason(cause, option, bind, port), cause);
    }

    private static String reason(SocketException cause, String option, InetAddress bind, int port) {
        // The system says these in words of its own.
        String said = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
        if (bind != null && !OwnAddresses.has(bind)) {
            List<InetAddress> own = new ArrayList<>(List.of(InetAddress.getLoopbackAddress()));
            own.addAll(OwnAddresses.reachable());
            return "--bind " + Addresses.text(bind) + ": this machine has no such address (it has " + OwnAddresses.text(own)
                    + "); without --bind the server listens on all of them";
        }
        if (port < FIRST_OF_EVERYBODY && (said.contains("permission") || said.contains("denied"))) {
            return "port " + port + ": ports below " + FIRST_OF_EVERYBODY + " need root or CAP_NET_BIND_SERVICE; choose a higher one, such as " + option + " "
                    + (8000 + port);
        }
        if (said.contains("in use")) {
            return "port " + port + " is in use: choose another with " + option + ", or end what uses it (as root, 'ss -ltnp sport = :" + port
                    + "' shows what that is)";
        }
        return "port " + port + " cannot be listened on (" + cause.getMessage() + "); choose another with " + option;
    }
}
