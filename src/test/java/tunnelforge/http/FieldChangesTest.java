package tunnelforge.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What goes, what comes, and in which order. */
final class FieldChangesTest {
    private static List<String> changed(FieldChanges changes, String... lines) {
        Fields fields = new Fields();
        for (String line : lines) {
            fields.add(line.substring(0, line.indexOf(':')), line.substring(line.indexOf(':') + 1));
        }
        changes.apply(fields);
        List<String> left = new ArrayList<>();
        for (int i = 0; i < fields.size(); i++) {
            left.add(fields.name(i) + ":" + fields.value(i));
        }
        return left;
    }

    private static FieldChanges.Line line(String name, String value) {
        return new FieldChanges.Line(name, value);
    }

    @Test
    void whatIsRemovedAndAddedIsReplaced() {
        FieldChanges changes = new FieldChanges(List.of("server", "X-A"), List.of(line("Server", "mine"), line("X-B", "1"), line("X-B", "2")));
        assertEquals(List.of("Date:now", "X-B:0", "Server:mine", "X-B:1", "X-B:2"), changed(changes, "Server:a", "Date:now", "X-B:0", "SERVER:b", "x-a:"));
    }

    /** CGI and its heirs read them as one, so a visitor could bring back what was taken out. */
    @Test
    void namesThatReadAlikeAreRemovedTogether() {
        FieldChanges changes = new FieldChanges(List.of("X-Auth-User"), List.of());
        assertEquals(List.of("X-Auth-Users:4", "XAuth-User:5"), changed(changes, "x_auth_user:1", "X.Auth-User:2", "x-auth-user:3", "X-Auth-Users:4", "XAuth-User:5"));
    }

    @Test
    void nothingIsChangedByNoChanges() {
        assertTrue(FieldChanges.NONE.isEmpty());
        assertEquals(List.of("A:1", "A:2"), changed(FieldChanges.NONE, "A:1", "A:2"));
    }

    /** It is part of a configuration, which may be logged. */
    @Test
    void itsTextShowsNoValue() {
        assertEquals("FieldChanges[removed=[X-A], added=[Authorization]]", new FieldChanges(List.of("X-A"), List.of(line("Authorization", "Bearer secret"))).toString());
    }

    @Test
    void whatCouldNotStandInAHeadIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> line("X-A", "1\r\nX-B: 2"));
        assertThrows(IllegalArgumentException.class, () -> line("X A", "1"));
        assertThrows(IllegalArgumentException.class, () -> new FieldChanges(List.of(""), List.of()));
    }
}
