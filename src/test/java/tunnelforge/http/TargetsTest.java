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

    private static String target(String method, String target, String host) throws HttpException {
        return Targets.toOriginForm(head(method, target, host)).target();
    }

    private static void refused(int status, String method, String target, String host) {
        assertEquals(status, assertThrows(HttpException.class, () -> target(method, target, host), target + " for " + host).status());
    }

    @Test
    void originFormStaysAsItIs() throws HttpException {
        for (String target : new String[] {"/", "//a/b", "/http://b/", "/a?b=/../%00", "/\u00e9"}) {
            RequestHead head = head("GET", target, "a");
            assertSame(head, Targets.toOriginForm(head));
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
        RequestHead head = Targets.toOriginForm(head("GET", "http://a:81/b", null));
        assertEquals("/b", head.target());
        assertEquals("a:81", head.fields().get("Host"));
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
