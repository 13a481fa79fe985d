package tunnelforge.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class PrintableTest {
    @Test
    void lineKeepsQuotesAndBackslashesAndEscapesTheRest() {
        assertEquals("C:\\dir \"x\" \\n\\r\\t\\u001b[2J\\u2028", Printable.line("C:\\dir \"x\" \n\r\t\u001b[2J\u2028"));
    }

    @Test
    void quotedIsCutAfterEightyCharacters() {
        assertEquals("'" + "x".repeat(80) + "'", Printable.quoted("x".repeat(80)));
        assertEquals("'" + "x".repeat(80) + "... (81 characters)'", Printable.quoted("x".repeat(81)));
    }

    @Test
    void octetsOfAnotherEncodingAreEscaped() {
        assertEquals("'\u00e9\\u2028'", Printable.quoted("\u00e9\u2028"));
        assertEquals("'a\\u00e9\\u0085\\n'", Printable.quotedOctets("a\u00e9\u0085\n"));
    }
}
