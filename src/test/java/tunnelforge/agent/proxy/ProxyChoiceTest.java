package tunnelforge.agent.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.cli.CommandLine;
import tunnelforge.cli.HostPort;
import tunnelforge.cli.UsageException;

/** Which proxy is meant. */
final class ProxyChoiceTest {
    private static final String SECRET = "S3cret";

    private static Proxy chosen(String server, Map<String, String> environment, String... words) throws UsageException {
        return ProxyChoice.of(CommandLine.parse(List.of(ProxyChoice.OPTION), 0, List.of(words)), environment, HostPort.parse(server, 443));
    }

    @ParameterizedTest
    @CsvSource({
        "http://proxy.test:3128,            http://proxy.test:3128,",
        "proxy.test:3128,                   http://proxy.test:3128,",
        "HTTP://proxy.test/,                http://proxy.test:80,",
        "socks5://proxy.test,               socks5://proxy.test:1080,",
        "socks5h://[2001:db8::1]:99,        socks5://[2001:db8::1]:99,",
        "http://me:S3cret@proxy.test:1,     http://proxy.test:1,       me/S3cret",
        "me:p@ss:w/rd@proxy.test:1,         http://proxy.test:1,       me/p@ss:w/rd",
        "http://m%40e:%25%C3%BC@proxy.test, http://proxy.test:80,      m@e/%ü",
        "http://me@proxy.test:1,            http://proxy.test:1,       me/"})
    void whatIsWritten(String text, String shown, String login) throws Exception {
        Proxy proxy = chosen("server.test", Map.of(), "--proxy", text);
        assertEquals(shown, proxy.toString());
        assertEquals(login, proxy.login() == null ? null : proxy.login().user() + "/" + proxy.login().password());
        assertFalse(proxy.toString().contains("me") || String.valueOf(proxy.login()).contains("ss"), proxy.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://proxy.test:443", "socks4://me:S3cret@proxy.test", "http://me:S3cret", "http://me:S3cret@", "ftp://proxy.test", "http://me:%zzS3cret@proxy.test",
        "http://me:S3cret%4@proxy.test", "http://me%0a:S3cret@proxy.test", "http://m%3ae:S3cret@proxy.test", "socks5://S3cret@proxy.test", "http://me:S3cret@proxy.test:0", "://proxy.test"})
    void whatIsNoProxyIsRefusedWithoutAPassword(String text) {
        UsageException refused = assertThrows(UsageException.class, () -> chosen("server.test", Map.of("HTTPS_PROXY", text)));
        assertTrue(refused.getMessage().startsWith("$HTTPS_PROXY"), refused.getMessage());
        assertFalse(refused.getMessage().contains(SECRET), refused.getMessage());
        assertThrows(UsageException.class, () -> chosen("server.test", Map.of(), "--proxy", text));
    }

    @Test
    void loginsOfSocksAreOfLimitedLength() throws Exception {
        assertEquals(255, chosen("server.test", Map.of(), "--proxy", "socks5://u:" + "p".repeat(255) + "@proxy.test").login().password().length());
        assertThrows(UsageException.class, () -> chosen("server.test", Map.of(), "--proxy", "socks5://u:" + "p".repeat(256) + "@proxy.test"));
        assertThrows(UsageException.class, () -> chosen("server.test", Map.of(), "--proxy", "http://u:" + "p".repeat(512) + "@proxy.test"));
    }

    @Test
    void theOptionGoesBeforeTheEnvironmentWhichIsReadAsCurlDoes() throws Exception {
        Map<String, String> all = new HashMap<>(Map.of("ALL_PROXY", "socks5://d:1", "all_proxy", "socks5://c:1", "HTTPS_PROXY", "http://b:1", "https_proxy", "http://a:1"));
        assertEquals("http://x:1", chosen("server.test", all, "--proxy", "x:1").toString());
        assertNull(chosen("server.test", all, "--proxy", "none"));
        for (String each : List.of("https_proxy=http://a:1", "HTTPS_PROXY=http://b:1", "all_proxy=socks5://c:1", "ALL_PROXY=socks5://d:1")) {
            Proxy proxy = chosen("server.test", all);
            String variable = each.substring(0, each.indexOf('='));
            assertEquals(each.substring(each.indexOf('=') + 1), proxy.toString());
            assertEquals("$" + variable, proxy.source());
            all.put(variable, "");
        }
        assertNull(chosen("server.test", all));
        assertNull(chosen("server.test", Map.of("http_proxy", "http://a:1", "HTTP_PROXY", "http://a:1")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "demo.localhost", "127.0.0.1", "127.9.9.9:8443", "[::1]:443"})
    void aServerOnThisMachineIsNeverAskedForFromTheEnvironmentsProxy(String server) throws Exception {
        assertNull(chosen(server, Map.of("HTTPS_PROXY", "http://a:1")));
        assertEquals("http://a:1", chosen(server, Map.of(), "--proxy", "http://a:1").toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "*                                | server.test          | true",
        "server.test                      | server.test          | true",
        "SERVER.test.                     | Server.Test          | true",
        "test                             | server.test          | true",
        ".test                            | server.test          | true",
        "*.test                           | server.test          | true",
        ".server.test                     | server.test          | true",
        "erver.test                       | server.test          | false",
        "server.test:8443                 | server.test:8443     | true",
        "server.test:8443                 | server.test          | false",
        "other.test, 10.0.0.1  server.test| server.test          | true",
        "other.test,,                     | server.test          | false",
        ".                                | server.test          | false",
        "10.0.0.1                         | 10.0.0.1             | true",
        "10.0.0.1:443                     | 10.0.0.1             | true",
        "10.0.0.1:443                     | 10.0.0.1:444         | false",
        "0.0.1                            | 10.0.0.1             | false",
        "10.0.0.0/8                       | 10.1.2.3             | true",
        "10.0.0.0/8                       | 11.1.2.3             | false",
        "10.0.0.0/99                      | 10.1.2.3             | false",
        "10.0.0.0/8                       | server.test          | false",
        "2001:db8::/32                    | [2001:db8::1]:443    | true",
        "2001:0db8:0::1                   | [2001:db8::1]:443    | true",
        "[2001:db8::1]                    | [2001:db8::1]:443    | true",
        "[2001:db8::1]:444                | [2001:db8::1]:443    | false",
        "[2001:db8::1]:443                | [2001:db8::1]:443    | true"})
    void whatNoProxyCovers(String list, String server, boolean covered) throws Exception {
        assertEquals(covered, chosen(server, Map.of("HTTPS_PROXY", "http://a:1", "NO_PROXY", list)) == null);
        assertEquals(covered, chosen(server, Map.of("HTTPS_PROXY", "http://a:1", "no_proxy", list, "NO_PROXY", "nothing.test")) == null);
        assertEquals("http://b:1", chosen(server, Map.of("HTTPS_PROXY", "http://a:1", "NO_PROXY", list), "--proxy", "http://b:1").toString());
    }
}
