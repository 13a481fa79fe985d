package tunnelforge.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class HtmlTest {
    @Test
    void nothingCanLeaveAnElementOrAQuotedAttribute() {
        assertEquals("&lt;a href=&quot;x&#39;&quot;&gt;&amp;amp; \u00e9", Html.escape("<a href=\"x'\">&amp; \u00e9"));
    }
}
