package tunnelforge.net;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import tunnelforge.text.Addresses;

/** The addresses of this machine. */
public final class OwnAddresses {
    private OwnAddresses() {
    }

    /** Those by which other machines may reach this one, the likeliest first; none where the system does not say. */
    public static List<InetAddress> reachable() {
        // Bridges of containers come after the network cards.
        List<InetAddress> all = new ArrayList<>(interfaces().sorted(Comparator.comparingInt(NetworkInterface::getIndex))
                .flatMap(NetworkInterface::inetAddresses).filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress()).toList());
        all.sort(Comparator.comparingInt(address -> address.getAddress().length));
        return List.copyOf(all);
    }

    /** Whether one of this machine's interfaces has the address, or all of them together. */
    public static boolean has(InetAddress address) {
        try {
            return address.isAnyLocalAddress() || address.isLoopbackAddress() || NetworkInterface.getByInetAddress(address) != null;
        } catch (SocketException e) {
            return true;
        }
    }

    /** For a person: {@code 192.0.2.1, 2001:db8::1}. */
    public static String text(List<InetAddress> addresses) {
        return String.join(", ", addresses.stream().map(Addresses::text).toList());
    }

    private static Stream<NetworkInterface> interfaces() {
        try {
            return NetworkInterface.networkInterfaces().filter(OwnAddresses::isUp);
        } catch (SocketException e) {
            return Stream.empty();
        }
    }

    private static boolean isUp(NetworkInterface one) {
        try {
            return one.isUp();
        } catch (SocketException e) {
            return false;
        }
    }
}
