package tunnelforge.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import tunnelforge.cli.HostPort;
import tunnelforge.cli.UsageException;
import tunnelforge.fuzz.Codec;

/** Names and addresses of hosts, for the fuzzer. */
public final class TextCodecs {
    private static final String[] HOSTS = {"a.example", "A.Example.:443", "192.0.2.1:80", "[2001:db8::1]:443", "[::ffff:1.2.3.4]", "a:", "_x-y.a", "1.2.3", "0x7f",
            "[fe80::1%eth0]:1", "::1", "a.b:65536", "[]", "[::1",
        "a".repeat(63) + ".b", "a".repeat(64), "a.".repeat(126) + "b"};
    private static final String[] SPICE = {"[", "]", ":", "::", ".", "-", "%", "0x", "255", "256", "ffff", ":443", "xn--", "\u00c3\u00a9", "\u00d9\u00a1"};

    private TextCodecs() {
    }

    public static List<Codec<?>> all() {
        return List.of(
            text("authorities", Authority::parse).suchThat(authority -> {
                assertEquals(authority, Authority.parse(authority.toString()));
                assertTrue(HostNames.isName(authority.host()) || Addresses.parse(authority.host()) != null, authority::host);
            }),
            text("addresses", Addresses::parse).from("::", "1::8", "1:2:3:4:5:6:7:8", "::1.2.3.4", "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:7::", "01.2.3.4", ":::", "1::2::3")
                .suchThat(address -> assertEquals(address, Addresses.parse(Addresses.text(address)))),
            text("host-ports", text -> HostPort.parse(text, 443)).allocates(16 * 1024, 32)
                    .refusesBy(UsageException.class).suchThat(server -> assertEquals(server, HostPort.parse(server.toString(), 0))),
            // What is not ASCII goes through the JDK's IDN.
            text("host-names", HostNames::normalise).allocates(192 * 1024, 16).suchThat(name -> {
                // What can be a name is one form of itself.
                assertTrue(!HostNames.isName(name) || HostNames.normalise(name).equals(name), name);
            }));
    }

    private static <T> Codec<T> text(String name, Codec.TextReading<T> reading) {
        return Codec.ofText(name, reading).from(HOSTS).spicedWith(SPICE).upTo(2_000).allocates(0, 16);
    }
}
