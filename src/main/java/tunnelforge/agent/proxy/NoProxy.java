package tunnelforge.agent.proxy;

import java.net.InetAddress;
import java.util.Locale;
import tunnelforge.cli.HostPort;
import tunnelforge.text.AddressRange;
import tunnelforge.text.Addresses;
import tunnelforge.text.Authority;

/**
 * Which servers are connected to without the environment's proxy. {@code NO_PROXY} is a list, with commas or blanks between, of {@code *}, names, which stand for all names below
 * them as well (with or without a dot in front), addresses and ranges of them; any but {@code *} and ranges may end in {@code :PORT}.
 */
final class NoProxy {
    private NoProxy() {
    }

    /** {@code list}: what the variable says. */
    static boolean covers(String list, HostPort server) {
        if (isThisMachine(server.host())) {
            return true;
        }
        for (String entry : list.split("[,\\s]+")) {
            if (covers(server, entry.toLowerCase(Locale.ROOT))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isThisMachine(String host) {
        InetAddress address = Addresses.ofHost(host);
        return address == null ? host.equals("localhost") || host.endsWith(".localhost") : address.isLoopbackAddress();
    }

    private static boolean covers(HostPort server, String entry) {
        if (entry.equals("*")) {
            return true;
        }
        InetAddress address = Addresses.ofHost(server.host());
        if (entry.indexOf('/') >= 0) {
            return address != null && contains(entry, address);
        }
        boolean isAddress = Addresses.ofHost(entry) != null;
        int hostEnd = isAddress ? entry.length() : Authority.hostEnd(entry);
        String host = entry.substring(0, hostEnd);
        if (hostEnd < entry.length() && Authority.port(entry.substring(hostEnd + 1)) != server.port()) {
            return false;
        }
        InetAddress named = Addresses.ofHost(host);
        if (named != null || address != null) {
            return named != null && named.equals(address);
        }
        String name = withoutDots(host.startsWith("*.") ? host.substring(1) : host);
        return !name.isEmpty() && (server.host().equals(name) || server.host().endsWith("." + name));
    }

    private static String withoutDots(String name) {
        String begun = name.startsWith(".") ? name.substring(1) : name;
        return begun.endsWith(".") ? begun.substring(0, begun.length() - 1) : begun;
    }

    private static boolean contains(String range, InetAddress address) {
        try {
            return AddressRange.parse(range).contains(address);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
