package tunnelforge;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Names below localhost (RFC 6761 section 6.3) and test (section 6.2) are this machine for the tests, whatever the system's resolver says. The look-up of
 * names below {@code hangs.test} never ends by itself, and {@code unknown.test} is not known.
 */
public final class LoopbackNames extends InetAddressResolverProvider {
    @Override
    public InetAddressResolver get(Configuration configuration) {
        InetAddressResolver system = configuration.builtinResolver();
        return new InetAddressResolver() {
            @Override
            public Stream<InetAddress> lookupByName(String host, LookupPolicy policy) throws UnknownHostException {
                if (host.equals("unknown.test")) {
                    throw new UnknownHostException(host);
                }
                while (host.endsWith(".hangs.test")) {
                    LockSupport.park();
                    if (Thread.interrupted()) {
                        throw new UnknownHostException(host);
                    }
                }
                return host.endsWith(".localhost") || host.endsWith(".test")
                        ? Stream.of(InetAddress.getByAddress(host, new byte[] {127, 0, 0, 1})) : system.lookupByName(host, policy);
            }

            @Override
            public String lookupByAddress(byte[] address) throws UnknownHostException {
                return system.lookupByAddress(address);
            }
        };
    }

    @Override
    public String name() {
        return "names of this machine";
    }
}
