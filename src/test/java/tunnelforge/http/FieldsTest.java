package tunnelforge.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class FieldsTest {
    private static Fields of(String... namesAndValues) {
        Fields fields = new Fields();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            fields.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        return fields;
    }

    private static String text(Fields fields) {
        StringBuilder out = new StringBuilder();
        Transcript.fields(fields, out);
        return out.toString();
    }

    @Test
    void namesAreFoundInAnyCase() {
        Fields fields = of("A", "1", "b", "2", "a", "3");
        assertEquals("1", fields.get("a"));
        assertEquals("2", fields.get("B"));
        assertNull(fields.get("c"));
        assertEquals(List.of("1", "3"), fields.all("A"));
        assertEquals(List.of(), fields.all("c"));
        assertTrue(fields.contains("B"));
        assertFalse(fields.contains("c"));
        assertEquals(2, fields.count("a"));
        assertEquals(0, fields.count("c"));
    }

    @Test
    void orderIsKept() {
        Fields fields = of("A", "1", "B", "2");
        fields.addFirst("C", "3");
        assertEquals(" [C=3] [A=1] [B=2]", text(fields));
    }

    @Test
    void growsAsNeededAtBothEnds() {
        Fields fields = new Fields();
        for (int i = 0; i < 100; i++) {
            fields.add("N" + i, "");
            fields.addFirst("F" + i, "");
        }
        assertEquals(200, fields.size());
        assertEquals("F99", fields.name(0));
        assertEquals("N99", fields.name(199));
        Fields copy = new Fields(fields);
        fields.removeIf(name -> true);
        assertEquals(0, fields.size());
        assertEquals(200, copy.size());
        assertEquals(0, new Fields(fields).size());
    }

    @Test
    void setReplacesTheFirstInPlaceAndRemovesTheOthers() {
        Fields fields = of("A", "1", "B", "2", "a", "3", "A", "4");
        fields.set("a", "5");
        assertEquals(" [a=5] [B=2]", text(fields));
        fields.set("C", "6");
        assertEquals(" [a=5] [B=2] [C=6]", text(fields));
    }

    @Test
    void linesAreRemovedByNameByTestAndByPlace() {
        Fields fields = of("A", "1", "B", "2", "a", "3", "X-a", "4", "X-b", "5");
        assertEquals(2, fields.remove("a"));
        assertEquals(0, fields.remove("a"));
        fields.removeIf(name -> name.startsWith("X-"));
        assertEquals(" [B=2]", text(fields));
        fields.removeAt(0);
        assertEquals(0, fields.size());
        assertThrows(IndexOutOfBoundsException.class, () -> fields.removeAt(0));
        assertThrows(IndexOutOfBoundsException.class, () -> fields.name(0));
        assertThrows(IndexOutOfBoundsException.class, () -> fields.value(-1));
    }

    @Test
    void tokensAreFoundInAllLinesAndNowhereElse() {
        Fields fields = of("Connection", " ,close\t, Keep-Alive", "connection", "upgrade", "Other", "x");
        assertTrue(fields.hasToken("Connection", "CLOSE"));
        assertTrue(fields.hasToken("Connection", "keep-alive"));
        assertTrue(fields.hasToken("CONNECTION", "Upgrade"));
        for (String no : new String[] {"x", "keep", "alive", "", "close,", "close ", "close\t, Keep-Alive"}) {
            assertFalse(fields.hasToken("Connection", no), no);
        }
        assertFalse(of("Connection", "").hasToken("Connection", ""));
        assertFalse(of("TE", "trailers;q=1").hasToken("TE", "trailers"));
    }

    @Test
    void valuesNeverShowInLogs() {
        assertEquals("Fields[Authorization, Host]", of("Authorization", "secret", "Host", "a").toString());
    }
}
