package tunnelforge.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/** RFC 9112 section 3.2. */
class TargetsTest {
    private static RequestHead head(String method, String target, String host) {
        Fields fields = new Fields();
        if (host != null) {
            fields.add("Host", host);
        }
        return new RequestHead(method, target, host == null ? 0 : 1, fields);
    }

    /** On a connection of the target's own scheme. */
    private static String target(String method, String target, String host) throws HttpException {
        return Targets.toOriginForm(head(method, target, host), target.regionMatches(true, 0, "https", 0, 5)).target();
    }

    private static void refused(int status, String method, String target, String host) {
        assertEquals(status, assertThrows(HttpException.class, () -> target(method, target, host), target + " for " + host).status());
    }

    @Test
    void originFormStaysAsItIs() throws HttpException {
        for (String target : new String[] {"/", "//a/b", "/http://b/", "/a?b=/../%00", "/\u00e9"}) {
            RequestHead head = head("GET", target, "a");
            assertSame(head, Targets.toOriginForm(head, true));
        }
    }

    @Test
    void asteriskIsForOptionsOnly() throws HttpException {
        assertEquals("*", target("OPTIONS", "*", "a"));
        refused(400, "GET", "*", "a");
        refused(400, "OPTIONS", "*/", "a");
        refused(400, "options", "*", "a");
    }

    @Test
    void absoluteFormBecomesOriginForm() throws HttpException {
        assertEquals("/b?c", target("GET", "http://a/b?c", "a"));
        assertEquals("/b", target("GET", "HTTPS://A.:443/b", "a"));
        assertEquals("/", target("GET", "http://a", "a"));
        assertEquals("/?b", target("GET", "http://a?b", "a"));
        assertEquals("/", target("OPTIONS", "http://a/", "a"));
        assertEquals("*", target("OPTIONS", "http://a:80", "a"));
        assertEquals("/", target("GET", "https://[::1]:8443/", "[::1]:8443"));
        assertEquals("//b/", target("GET", "http://a//b/", "a"));
    }

    @Test
    void absoluteFormThatDisagreesWithHostIsRefused() {
        refused(400, "GET", "http://b/", "a");
        refused(400, "GET", "http://a:81/", "a");
        refused(400, "GET", "http://a/", "a:443");
        refused(400, "GET", "https://a:8443/", "a");
        refused(400, "GET", "http://a/", "");
        refused(400, "GET", "http://a/", "a,a");
        refused(400, "GET", "http:///b", "");
        refused(400, "GET", "http://", "");
        refused(400, "GET", "http://a@b/", "b");
        refused(400, "GET", "http://a@b/", "a@b");
        refused(400, "GET", "http://a\\b/", "a");
    }

    @Test
    void absoluteFormGivesAnOldRequestItsHost() throws HttpException {
        RequestHead head = Targets.toOriginForm(head("GET", "http://a:81/b", null), false);
        assertEquals("/b", head.target());
        assertEquals("a:81", head.fields().get("Host"));
    }

    @Test
    void anotherSchemeThanTheConnectionsIsMisdirected() {
        for (boolean secure : new boolean[] {false, true}) {
            RequestHead head = head("GET", secure ? "http://a/" : "HTTPS://a/", "a");
            assertEquals(421, assertThrows(HttpException.class, () -> Targets.toOriginForm(head, secure)).status());
        }
    }

    private static String completed(String host, String usual) {
        RequestHead head = head("GET", "/", host);
        Targets.completeHost(head, usual);
        return head.fields().get("Host");
    }

    @Test
    void anEmptyPortIsLeftOutAndNothingElse() {
        assertEquals("a", completed("a:", null));
        assertEquals("A.", completed("A.:", "b"));
        assertEquals("[::1]", completed("[::1]:", null));
        for (String host : new String[] {"a", "a:80", "a::", ":", "a@b:", ""}) {
            assertEquals(host, completed(host, "b"));
        }
    }

    @Test
    void whoNamesNoHostGetsTheOneThatIsKnown() {
        assertEquals("b:8443", completed(null, "b:8443"));
        assertEquals(null, completed(null, null));
    }

    @Test
    void otherFormsAreRefused() {
        refused(501, "CONNECT", "a:443", "a:443");
        refused(501, "CONNECT", "/", "a");
        refused(400, "GET", "a:443", "a:443");
        refused(400, "GET", "a", "a");
        refused(400, "GET", "?a", "a");
        refused(400, "GET", "ftp://a/", "a");
        refused(400, "GET", "http:/a", "a");
        refused(400, "GET", "\\", "a");
    }

    @Test
    void fragmentsAreRefused() {
        refused(400, "GET", "/a#b", "a");
        refused(400, "GET", "http://a#@b/", "a");
    }
}
