package tunnelforge.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import tunnelforge.fuzz.Codec;

/** The small grammars inside of fields and targets, for the fuzzer. */
public final class FieldCodecs {
    private FieldCodecs() {
    }

    public static List<Codec<?>> all() {
        return List.of(targets(), setCookies(), dates(), ranges(), connections(), encodings());
    }

    /** Targets in absolute-form, with a Host that says the same or something else. */
    private static Codec<?> targets() {
        return Codec.<RequestHead>ofOctetText("targets", text -> {
            String[] words = text.split(" ", 3);
            if (words.length < 3 || !Octets.isTarget(words[0]) || !Fields.isValue(words[1]) || !Octets.isToken(words[2]) || words[2].length() > Heads.MAX_METHOD_CHARS) {
                return null;
            }
            Fields fields = new Fields();
            fields.add("Host", words[1]);
            return Targets.toOriginForm(new RequestHead(words[2], words[0], 1, fields), false);
        }).from("http://a/b?c a GET", "http://a:80 a:80 OPTIONS", "http://[2001:db8::1]:8080/ [2001:db8::1]:8080 GET", "/a?b a GET", "* a OPTIONS", "https://a/ a GET",
            "HTTP://A.b.:80?x a.b GET",
                "http://u:p@a/ a GET", "a:443 a CONNECT", "http://1.2.3.4/ 1.2.3.4 GET").spicedWith("http://", "https://", "[::1]", ":80", "@", " ",
                "%41").refusesBy(HttpException.class)
                .withCode(HttpCodecs::status).allocates(0, 16).suchThat(head -> assertTrue(head.target().startsWith("/") || head.target().equals("*") && head.method().equals("OPTIONS")));
    }

    private static Codec<?> setCookies() {
        return Codec.ofOctetText("set-cookie", text -> text.indexOf('\n') >= 0 || !Fields.isValue(text) ? null : SetCookie.withoutDomain(text, FieldCodecs::isShared))
                .from("a=b", "a=b; Domain=example.com; Path=/", "a=b; domain = .Example.com ;Secure", "a=b;Domain=a.example.com;Domain=example.com", "a; Domain",
                "a=\"x;Domain=example.com\"",
                    "Domain=example.com", ";Domain=example.com")
                    .spicedWith(";Domain=example.com", "domain=", ".", "; ", "example.com").allocates(0, 40).suchThat(kept -> {
                        assertTrue(Fields.isValue(kept));
                        assertEquals(kept, SetCookie.withoutDomain(kept, FieldCodecs::isShared));
                        // As a browser splits it (RFC 6265 section 5.2).
                        for (String attribute : kept.substring(kept.indexOf(';') < 0 ? kept.length() : kept.indexOf(';')).split(";")) {
                            String[] pair = attribute.split("=", 2);
                            assertTrue(pair.length < 2 || !pair[0].trim().equalsIgnoreCase("domain") || !pair[1].trim().matches("(?i)\\.?example\\.com"), kept);
                        }
                    });
    }

    private static boolean isShared(String domain) {
        return SetCookie.covers(domain, "example.com");
    }

    private static Codec<?> dates() {
        return Codec.ofOctetText("http-dates", HttpDate::parse).from("Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
                "Sun Nov 16 08:49:37 1994",
                "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT")
                .spicedWith("GMT", "UTC", "Sat", "Feb", "29", "60", "0000", "10000", "-").allocates(16 * 1024, 0)
                .suchThat(time -> assertEquals(time, HttpDate.parse(HttpDate.format(time))));
    }

    private static Codec<?> ranges() {
        return Codec.ofOctetText("byte-ranges", text -> List.of(ByteRange.of(text, 1000), ByteRange.of(text, 0), ByteRange.of(text, 1), ByteRange.of(text, Long.MAX_VALUE)))
                .from("bytes=0-499", "bytes=500-", "bytes=-500", "bytes=0-0,5-9", "BYTES=\t1-2 ", "bytes=-", "bytes=5-4", "items=0-5", "bytes=000000000000000000001-2",
                "bytes=9223372036854775807-")
                .spicedWith("bytes=", "-", "9999999999999999999999").allocates(0, 40).suchThat(ranges -> {
                    long[] lengths = {1000, 0, 1, Long.MAX_VALUE};
                    for (int i = 0; i < lengths.length; i++) {
                        if (ranges.get(i) instanceof ByteRange.Part part) {
                            assertTrue(part.first() >= 0 && part.first() <= part.last() && part.last() < lengths[i] && part.length() > 0, part::toString);
                        }
                    }
                });
    }

    /** Accept-Encoding: what is refused by its name is never taken. */
    private static Codec<?> encodings() {
        return Codec.<Boolean>ofOctetText("accept-encoding", text -> {
            if (!Fields.isValue(text)) {
                return null;
            }
            Fields fields = new Fields();
            fields.add("Accept-Encoding", text);
            boolean takes = AcceptEncoding.takesGzip(fields);
            fields.add("Accept-Encoding", "gzip;q=0");
            assertFalse(AcceptEncoding.takesGzip(fields));
            return takes;
        }).from("gzip, deflate, br, zstd", "gzip;q=0", "*;q=0.5, identity;q=0", "br;q=1.0, x-gzip ; q=0.001", "identity").spicedWith("gzip", ";q=", "0.", "1.000", ",", "*", "identity").allocates(8 * 1024, 96);
    }

    /** What Connection, Upgrade and TE say. */
    private static Codec<?> connections() {
        return Codec.<String>ofOctetText("connection-fields", text -> {
            String[] parts = text.split("\\|", 4);
            Fields fields = new Fields();
            fields.add("Host", "a");
            for (int i = 0; i < parts.length; i++) {
                if (!Fields.isValue(parts[i])) {
                    return null;
                }
                fields.add(i == 0 ? "Connection" : i == 1 ? "Upgrade" : i == 2 ? "TE" : "Connection", parts[i]);
            }
            RequestHead head = new RequestHead("GET", "/", 1, fields);
            String asked = Upgrade.asked(head, Framing.NONE);
            HopByHop.persists(head);
            HopByHop.takesTrailers(fields);
            HopByHop.strip(fields);
            assertEquals("a", fields.get("Host"));
            return asked;
        }).from("Upgrade|websocket|trailers", "keep-alive, Upgrade|foo/2, h2c, websocket|", "close, Host, TE|TLS/1.0|gzip;q=0.5, trailers|x", ",, upgrade ,|,h2 , a/b|")
                .spicedWith("upgrade", "h2c", "websocket", "|", ",", "HTTP/2.0", "TLS/1.0").allocates(8 * 1024, 64).suchThat(asked -> {
                    assertTrue(Fields.isValue(asked) && !asked.isEmpty());
                    assertTrue(Stream.of(asked.split(",")).noneMatch(protocol -> protocol.strip().matches("(?i)(h2c?|http|tls)([/-].*)?")), asked);
                });
    }
}
