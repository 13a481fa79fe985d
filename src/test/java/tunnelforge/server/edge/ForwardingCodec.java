package tunnelforge.server.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import tunnelforge.fuzz.Codec;
import tunnelforge.http.Fields;
import tunnelforge.text.Addresses;
import tunnelforge.text.Authority;

/** What a believed load balancer has said of a visitor, for the fuzzer. */
public final class ForwardingCodec {
    private static final String[] NAMES = {"X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded", "X-Forwarded-For", "Forwarded"};

    private ForwardingCodec() {
    }

    /** One field a line, in the order of the names. */
    public static Codec<?> forwarding() {
        return Codec.<Fields>ofOctetText("forwarding", text -> {
            String[] values = text.split("\n", NAMES.length);
            Fields fields = new Fields();
            for (int i = 0; i < values.length; i++) {
                if (!Fields.isValue(values[i])) {
                    return null;
                }
                if (!values[i].isEmpty()) {
                    fields.add(NAMES[i], values[i]);
                }
            }
            String scheme = Forwarding.saidScheme(fields);
            Forwarding.tellBehind(fields, Addresses.parse("10.0.0.1"), "https".equals(scheme), "t.test:8443");
            return fields;
        }).from("203.0.113.9, 2001:db8::1\nhttps\na.example\n", "\n\n\nfor=\"[2001:db8::1]:80\";proto=https;host=\"a:80\", for=unknown;by=x",
            "[::1]:80, 1.2.3.4:5, unknown, _x\nHTTP, https\nb, c\nfor=1.2.3.4",
            "\n\n\nfor=\"a,b\\\"c\"; FOR = x ;;=", ",,,\n,\n,\n,,")
            .spicedWith("for=", "\"", ",", ";", "=", "proto=https", "host=", "[::1]", "\\\"", "\n").allocates(8 * 1024, 200).suchThat(fields -> {
                // One of each, and the peer is the last: nobody behind it can be told otherwise.
                assertEquals(4, fields.size(), fields::toString);
                assertTrue(fields.get("X-Forwarded-For").endsWith("10.0.0.1"));
                assertTrue(fields.get("X-Forwarded-Proto").matches("https?"));
                assertTrue(Authority.parse(fields.get("X-Forwarded-Host")) != null);
                String last = elements(fields.get("Forwarded")).getLast().strip();
                assertTrue(last.matches("for=10\\.0\\.0\\.1(;host=\"[^\"]*\";proto=https?)?"), last);
                assertEquals(elements(fields.get("Forwarded")).stream().filter(element -> !element.isBlank()).count(),
                        Stream.of(fields.get("X-Forwarded-For").split(",", -1)).filter(member -> !member.isBlank()).count(), () -> fields.get("Forwarded"));
            });
    }

    /** As a reader splits it that knows quotes. */
    private static List<String> elements(String forwarded) {
        List<String> elements = new ArrayList<>();
        int from = 0;
        boolean quoted = false;
        for (int i = 0; i < forwarded.length(); i++) {
            char c = forwarded.charAt(i);
            if (c == '"') {
                quoted = !quoted;
            } else if (c == '\\' && quoted) {
                i++;
            } else if (c == ',' && !quoted) {
                elements.add(forwarded.substring(from, i));
                from = i + 1;
            }
        }
        assertFalse(quoted, forwarded);
        elements.add(forwarded.substring(from));
        return elements;
    }
}
