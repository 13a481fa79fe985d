package tunnelforge.server.admin;

import java.net.InetAddress;
import java.util.Set;
import tunnelforge.text.Addresses;
import tunnelforge.text.Authority;

/**
 * Where whoever runs the server looks at it, and who may.
 *
 * @param port 0 for any free one
 * @param hosts by which names it is asked for, beside its address and those of loopback; lower case
 * @param token whoever asks must show; null where it need not, which is on loopback only
 */
public record AdminConfig(InetAddress address, int port, Set<String> hosts, String token) {
    public AdminConfig {
        if (token == null && !address.isLoopbackAddress()) {
            throw new IllegalArgumentException("other machines reach " + address + ", and nothing is asked of them");
        }
    }

    @Override
    public String toString() {
        return "AdminConfig[" + new Authority(Addresses.text(address), port) + ", hosts=" + hosts + ", token " + (token == null ? "none" : "hidden") + "]";
    }
}
