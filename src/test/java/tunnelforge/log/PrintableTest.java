package tunnelforge.log;

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
}
