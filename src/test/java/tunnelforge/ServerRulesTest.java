package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What RFC 9112 demands of servers, rule by rule: octets in, answers out, and whether the connection serves another request afterwards. {@code HOST} stands for the tunnel's
 * authority. The local service answers with what it was asked: method, target, body, and the field X where there is one.
 */
final class ServerRulesTest {
    private static TunnelFixture tunnel;

    @BeforeAll
    static void start() throws Exception {
        tunnel = TunnelFixture.start(new TunnelFixture.Options().http());
    }

    @AfterEach
    void settle() throws IOException {
        tunnel.settle();
    }

    @AfterAll
    static void stop() throws IOException {
        tunnel.close();
    }

    /** {@code answers}: a status for each, behind 200 also what was served. */
    record Rule(String section, String name, String octets, boolean open, String... answers) {
        @Override
        public String toString() {
            return section + " " + name;
        }
    }

    private static Rule open(String section, String name, String octets, String... answers) {
        return new Rule(section, name, octets, true, answers);
    }

    private static Rule ends(String section, String name, String octets, String... answers) {
        return new Rule(section, name, octets, false, answers);
    }

    static Stream<Rule> rules() {
        String host = "Host: HOST\r\n";
        String get = "GET / HTTP/1.1\r\n" + host;
        String post = "POST / HTTP/1.1\r\n" + host;
        String chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
        return Stream.of(
                // 2: messages
                open("2.2", "an empty line before a request is passed over", "\r\nGET /a HTTP/1.1\r\n" + host + "\r\n", "200 GET /a"),
                open("2.2", "also between two requests, as old clients send it behind a body", post + "Content-Length: 1\r\n\r\nx\r\n" + get + "\r\n", "200 POST / x", "200 GET /"),
                ends("2.2", "a bare CR is no line end", "GET / HTTP/1.1\r" + host + "\r\n", "400"),
                ends("2.2", "nor anything else", get + "X: a\rb\r\n\r\n", "400"),
                ends("2.2", "a blank before the first field line is not passed over", "GET / HTTP/1.1\r\n X: a\r\n" + host + "\r\n", "400"),
                ends("2.2", "octets that are no HTTP are refused", "\u0000\u0001\u0002\u0003\r\n\r\n", "400"),
                ends("2.3", "a major version that is not known is refused", "GET / HTTP/2.0\r\n" + host + "\r\n", "505"),
                ends("2.3", "the version's case counts", "GET / http/1.1\r\n" + host + "\r\n", "400"),
                ends("2.3", "an old client gets the server's own version", "GET / HTTP/1.0\r\n" + host + "\r\n", "200 GET /"),
                // 3: the request line
                open("3.1", "a method's case counts", "get / HTTP/1.1\r\n" + host + "\r\n", "200 get /"),
                open("3.1", "any token is a method, for the origin to know", "BREW!#$ / HTTP/1.1\r\n" + host + "\r\n", "200 BREW!#$ /"),
                ends("3", "a method longer than any is not implemented", "M".repeat(33) + " / HTTP/1.1\r\n" + host + "\r\n", "501"),
                ends("3", "a target longer than is read is refused as such", "GET /" + "a".repeat(70_000) + " HTTP/1.1\r\n" + host + "\r\n", "414"),
                open("3", "one that is long is served", "GET /" + "a".repeat(8_000) + " HTTP/1.1\r\n" + host + "\r\n", "200 GET /" + "a".repeat(8_000)),
                ends("3", "blanks in a target are no part of it", "GET /a b HTTP/1.1\r\n" + host + "\r\n", "400"),
                ends("3", "one space stands between the parts", "GET  / HTTP/1.1\r\n" + host + "\r\n", "400"),
                ends("3.2", "a request of HTTP/1.1 has Host", "GET / HTTP/1.1\r\nX: a\r\n\r\n", "400"),
                ends("3.2", "and one of it", get + host + "\r\n", "400"),
                ends("3.2", "also when the target names it", "GET https://HOST/ HTTP/1.1\r\n\r\n", "400"),
                ends("3.2", "and it is one", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "400"),
                ends("3.2", "not an address with a path", "GET / HTTP/1.1\r\nHost: HOST/a\r\n\r\n", "400"),
                ends("3.2", "not one with a user", "GET / HTTP/1.1\r\nHost: u@HOST\r\n\r\n", "400"),
                open("3.2.1", "path and query pass as they are", "GET //a/../b?c=%2f&&d HTTP/1.1\r\n" + host + "\r\n", "200 GET //a/../b?c=%2f&&d"),
                open("3.2.2", "a target in absolute form is taken", "GET https://HOST/a?b HTTP/1.1\r\n" + host + "\r\n", "200 GET /a?b"),
                open("3.2.2", "an empty path is /", "GET HTTPS://HOST HTTP/1.1\r\n" + host + "\r\n", "200 GET /"),
                ends("3.2.2", "who reads Host first must not see another one", "GET https://HOST/a HTTP/1.1\r\nHost: other.test\r\n\r\n", "400"),
                ends("3.2.2", "other schemes are none of ours", "GET ftp://HOST/a HTTP/1.1\r\n" + host + "\r\n", "400"),
                ends("3.2.3", "an authority alone is CONNECT's, which is not served", "CONNECT HOST HTTP/1.1\r\n" + host + "\r\n", "501"),
                ends("3.2.3", "and no other method's", "GET HOST HTTP/1.1\r\n" + host + "\r\n", "400"),
                open("3.2.4", "an asterisk is for OPTIONS", "OPTIONS * HTTP/1.1\r\n" + host + "\r\n", "200 OPTIONS *"),
                open("3.2.4", "which is what an empty path means there", "OPTIONS https://HOST HTTP/1.1\r\n" + host + "\r\n", "200 OPTIONS *"),
                ends("3.2.4", "and for no other", "GET * HTTP/1.1\r\n" + host + "\r\n", "400"),
                ends("3.3", "an old client that names no host has come for the one of its connection", "GET /a HTTP/1.0\r\n\r\n", "200 GET /a"),
                // 5: fields
                open("5", "names are the same in any case, and in any order", "GET / HTTP/1.1\r\nx: a\r\nhOsT: HOST\r\n\r\n", "200 GET / X=a"),
                open("5.1", "blanks around a value are not part of it", get + "X:\t a \t\r\n\r\n", "200 GET / X=a"),
                open("5.1", "nor needed", get + "X:a\r\n\r\n", "200 GET / X=a"),
                ends("5.1", "none stand before the colon", get + "X : a\r\n\r\n", "400"),
                ends("5.1", "nor a tab", get + "Content-Length\t: 1\r\n\r\n", "400"),
                ends("5.2", "lines are not folded", get + "X: a\r\n b\r\n\r\n", "400"),
                ends("9110-5.5", "NUL is in no value", get + "X: a\u0000\r\n\r\n", "400"),
                // 6: bodies
                open("6", "any method may have a body", "GET /a HTTP/1.1\r\n" + host + "Content-Length: 5\r\n\r\nhelloGET /b HTTP/1.1\r\n" + host + "\r\n", "200 GET /a hello", "200 GET /b"),
                open("6.1", "chunked is read", chunked + "5\r\nhello\r\n0\r\n\r\n", "200 POST / hello"),
                open("6.1", "in any case", post + "Transfer-Encoding: CHUNKED\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "200 POST / hello"),
                ends("6.1", "a coding that is not known is not implemented", post + "Transfer-Encoding: gzip, chunked\r\n\r\n", "501"),
                ends("6.1", "chunked is the last one", post + "Transfer-Encoding: chunked, gzip\r\n\r\n", "400"),
                ends("6.1", "and once", post + "Transfer-Encoding: chunked, chunked\r\n\r\n", "400"),
                ends("6.1", "no coding goes with a length", post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + get + "\r\n", "400"),
                ends("6.1", "HTTP/1.0 has none", "POST / HTTP/1.0\r\n" + host + "Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"),
                open("6.2", "a length is read", post + "Content-Length: 5\r\n\r\nhello", "200 POST / hello"),
                open("6.2", "also of nothing", post + "Content-Length: 0\r\n\r\n", "200 POST /"),
                ends("6.2", "it is a number", post + "Content-Length: 0x5\r\n\r\nhello", "400"),
                ends("6.2", "without a sign", post + "Content-Length: +5\r\n\r\nhello", "400"),
                ends("6.2", "and without end it cannot be counted", post + "Content-Length: 18446744073709551621\r\n\r\nhello", "400"),
                ends("6.3", "two lengths are none", post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", "400"),
                ends("6.3", "nor is a list of them", post + "Content-Length: 5, 6\r\n\r\nhello", "400"),
                open("6.3", "without any there is no body", post + "\r\n" + get + "\r\n", "200 POST /", "200 GET /"),
                // 7: chunks
                open("7.1", "sizes are hexadecimal in any case, and may begin with zeros", chunked + "A\r\n0123456789\r\n00b\r\n01234567890\r\n0\r\n\r\n",
                        "200 POST / 012345678901234567890"),
                ends("7.1", "too large ones are refused, not cut", chunked + "ffffffffffffffff0\r\nhello\r\n0\r\n\r\n", "400"),
                ends("7.1", "they are not negative", chunked + "-1\r\nhello\r\n0\r\n\r\n", "400"),
                ends("7.1", "a chunk ends where its size says", chunked + "4\r\nhello\r\n0\r\n\r\n", "400"),
                open("7.1.1", "extensions that are not known are passed over", chunked + "5;a;b=c;d=\"e;\"\r\nhello\r\n0;x\r\n\r\n", "200 POST / hello"),
                ends("7.1.1", "but not without end", chunked + "5;" + "a".repeat(10_000) + "\r\nhello\r\n0\r\n\r\n", "400"),
                open("7.1.2", "trailers are not taken for header fields", chunked + "5\r\nhello\r\n0\r\nX: a\r\nContent-Length: 9\r\nHost: other.test\r\n\r\n", "200 POST / hello"),
                // 9: connections
                open("9.3", "a connection goes on unless it is said otherwise", get + "\r\n", "200 GET /"),
                ends("9.6", "which close says", get + "Connection: close\r\n\r\n", "200 GET /"),
                ends("9.6", "in any case and company, and nothing behind it is served", get + "Connection: x, Close\r\n\r\n" + get + "\r\n", "200 GET /"),
                ends("9.3", "HTTP/1.0 goes on only if it asks for it", "GET / HTTP/1.0\r\n" + host + "\r\nGET /b HTTP/1.0\r\n" + host + "\r\n", "200 GET /"),
                open("9.3", "and then it does", "GET / HTTP/1.0\r\n" + host + "Connection: Keep-Alive\r\n\r\n", "200 GET /"),
                ends("9.3", "close is stronger", "GET / HTTP/1.0\r\n" + host + "Connection: keep-alive, close\r\n\r\n", "200 GET /"),
                open("9.3.2", "requests that come at once are answered in order",
                        "POST /1 HTTP/1.1\r\n" + host + "Content-Length: 1\r\n\r\na" + "GET /2 HTTP/1.1\r\n" + host + "\r\n" + "PUT /3 HTTP/1.1\r\n" + host
                                + "Transfer-Encoding: chunked\r\n\r\n1\r\nb\r\n0\r\n\r\n" + "DELETE /4 HTTP/1.1\r\n" + host + "\r\n",
                        "200 POST /1 a", "200 GET /2", "200 PUT /3 b", "200 DELETE /4"),
                open("9110-9.3.2", "the answer to HEAD has no body", "HEAD / HTTP/1.1\r\n" + host + "\r\n" + get + "\r\n", "200", "200 GET /"));
    }

    private static void serve() {
        tunnel.service().serve((request, connection) -> {
            String text = request.method() + " " + request.target() + (request.text().isEmpty() ? "" : " " + request.text())
                    + (request.has("X") ? " X=" + request.get("X") : "");
            boolean head = request.method().equals("HEAD");
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + text.length() + "\r\n\r\n" + (head ? "" : text));
            return true;
        });
    }

    private static List<String> answers(Peer visitor, Rule rule) throws IOException {
        String[] read = new String[rule.answers.length];
        for (int i = 0; i < read.length; i++) {
            Message answer = visitor.readResponse(rule.answers[i].equals("200") ? "HEAD" : "GET");
            read[i] = answer.status() + (answer.status() == 200 && !answer.text().isEmpty() ? " " + answer.text() : "");
            assertTrue(answer.startLine().startsWith("HTTP/1.1 "), answer.startLine());
            boolean last = i == read.length - 1;
            assertEquals(last && !rule.open, "close".equals(answer.get("Connection")), "section 9.6: who closes says so, and who says so closes");
        }
        return Arrays.asList(read);
    }

    @ParameterizedTest
    @MethodSource("rules")
    void whole(Rule rule) throws Exception {
        serve();
        Peer visitor = tunnel.visitor();
        visitor.send(rule.octets.replace("HOST", tunnel.authority()));
        assertEquals(List.of(rule.answers), answers(visitor, rule));
        afterwards(visitor, rule);
    }

    /** The same octets in small pieces, and without TLS. */
    @ParameterizedTest
    @MethodSource("rules")
    void inPiecesAndWithoutTls(Rule rule) throws Exception {
        if (rule.section.equals("3.3") || rule.octets.length() > 1_000) {
            // Without TLS there is no such name; and long ones come in pieces anyway.
            return;
        }
        serve();
        Peer visitor = tunnel.plainVisitor();
        String octets = rule.octets.replaceFirst("(?i)https:", "http:").replace("HOST", tunnel.authority());
        try {
            for (int i = 0; i < octets.length(); i += 7) {
                visitor.send(octets.substring(i, Math.min(i + 7, octets.length())));
            }
        } catch (IOException e) {
            // It has been answered before its end.
        }
        assertEquals(List.of(rule.answers), answers(visitor, rule));
        afterwards(visitor, rule);
    }

    private static void afterwards(Peer visitor, Rule rule) throws IOException {
        if (rule.open) {
            assertEquals("GET /afterwards", visitor.send(tunnel.head("GET /afterwards")).readResponse().text());
        } else {
            assertTrue(visitor.awaitClosed(), "the connection did not end cleanly");
        }
    }
}
