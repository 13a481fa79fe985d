package tunnelforge.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tunnelforge.json.JsonWriter;
import tunnelforge.net.Pin;
import tunnelforge.text.Addresses;

/** What is to be typed on another machine, and what is said about it. */
final class DirectionsTest {
    private static final Pin PIN = new Pin("A".repeat(43) + "=");
    private static final List<InetAddress> OWN = addresses("192.0.2.2", "198.51.100.7", "2001:db8::1");

    @TempDir
    private Path state;

    private static List<InetAddress> addresses(String... texts) {
        return Stream.of(texts).map(Addresses::parse).toList();
    }

    private static Directions local(String bind) {
        return new Directions("tunnel.localhost", bind == null ? null : Addresses.parse(bind), 8443, "tf_secret", PIN, false);
    }

    private static String command(Directions directions, List<InetAddress> own) {
        return directions.command(directions.token(), own);
    }

    @Test
    void aDomainOfItsOwnLeadsToTheServer() {
        Directions directions = new Directions("tunnel.example.com", null, 443, "tf_secret", null, false);
        assertEquals("tunnelforge agent 8080 --server tunnel.example.com:443 --token tf_secret", command(directions, OWN));
        assertEquals("", directions.note(OWN));
    }

    @Test
    void anAddressOfTheMachineStandsInForALocalDomain() {
        assertEquals("tunnelforge agent 8080 --server 192.0.2.2:8443 --token tf_secret --pin " + PIN, command(local(null), OWN));
        String note = local(null).note(OWN);
        assertTrue(note.startsWith("192.0.2.2 is the server's machine, and so is 198.51.100.7, 2001:db8::1; any name of it does as well, for the pin"), note);
        assertTrue(note.contains("\nVisitors reach names below tunnel.localhost from the server's machine only; --domain NAME "), note);
    }

    @Test
    void anAddressThatIsListenedOnGoesBeforeOthers() {
        assertTrue(command(local("2001:db8::1"), OWN).contains(" --server '[2001:db8::1]:8443' "));
        assertFalse(local("2001:db8::1").note(OWN).contains("192.0.2.2"));
        assertTrue(command(local("0.0.0.0"), OWN).contains(" --server 192.0.2.2:8443 "));
    }

    @Test
    void whereOnlyHostCanBeSaidTheWordsSayWhatItIs() {
        assertTrue(command(local(null), List.of()).contains(" --server HOST:8443 "));
        assertTrue(local(null).note(List.of()).startsWith("HOST stands for a name or address of the server's machine"), local(null).note(List.of()));
        assertTrue(command(local("127.0.0.1"), OWN).contains(" --server HOST:8443 "));
        assertTrue(local("127.0.0.1").note(OWN).startsWith("The server listens on 127.0.0.1, which no other machine reaches"), local("127.0.0.1").note(OWN));
    }

    @Test
    void onlyNamesBelowLocalhostAreLocal() {
        assertTrue(Directions.isLocal("localhost"));
        assertTrue(Directions.isLocal("tunnel.localhost"));
        assertFalse(Directions.isLocal("mylocalhost"));
        assertFalse(Directions.isLocal("localhost.example.com"));
    }

    @Test
    void aTokenIsOneWordForAShell() {
        assertTrue(new Directions("tunnel.example.com", null, 443, "two words", null, false).command("two words", OWN).endsWith(" --token 'two words'"));
    }

    @Test
    void theyAreReadAsTheyWereWritten() throws Exception {
        assertNull(Directions.read(state));
        for (Directions directions : List.of(local(null), local("::1"), new Directions("tunnel.example.com", null, 443, "a token", null, true))) {
            Files.writeString(state.resolve(Directions.FILE), JsonWriter.write(directions.toJson()));
            assertEquals(directions, Directions.read(state));
        }
    }

    @Test
    void aBrokenFileIsNamed() throws Exception {
        for (String text : List.of("", "\u00ff", "{}", "{\"domain\":\"a\",\"port\":0,\"token\":\"t\"}", "{\"domain\":\"a\",\"port\":1,\"token\":\"t\",\"pin\":\"x\"}")) {
            Files.writeString(state.resolve(Directions.FILE), text, ISO_8859_1);
            String message = assertThrows(IOException.class, () -> Directions.read(state)).getMessage();
            assertTrue(message.startsWith(state.resolve(Directions.FILE) + " cannot be read: "), message);
        }
    }

    @Test
    void theTokenIsNotInTheirText() {
        assertFalse(local(null).toString().contains("secret"));
        assertFalse(new Announcement(local(null), state, true, true).toString().contains("secret"));
    }

    @Test
    void theTokenIsShownOnATerminalAndWhenItIsNew() {
        assertTrue(new Announcement(local(null), state, false, true).text(OWN, true).contains("--token tf_secret "));
        assertTrue(new Announcement(local(null), state, true, true).text(OWN, false).contains("--token tf_secret "));
        String text = new Announcement(local(null), state, false, true).text(OWN, false);
        assertFalse(text.contains("tf_secret"), text);
        assertTrue(text.contains("--token TOKEN "), text);
        assertTrue(text.contains("tunnelforge token show --state-dir " + state), text);
    }

    @Test
    void anAgentOfThisUserNeedsNoOptionsWhereItFindsTheServer() {
        String text = new Announcement(local(null), Path.of(System.getenv("HOME"), ".tunnelforge"), false, true).text(OWN, false);
        assertTrue(text.contains("on this machine, as this user:  tunnelforge agent 8080" + System.lineSeparator()), text);
        assertTrue(new Announcement(local(null), state, false, true).text(OWN, false).contains("  tunnelforge agent 8080 --state-dir " + state));
        assertFalse(new Announcement(local(null), state, false, false).text(OWN, false).contains("on this machine"));
    }

    @Test
    void whereAgentsMustShowACertificateTheLineSaysSo() {
        Directions asking = new Directions("tunnel.example.com", null, 443, "tf_secret", null, true);
        assertTrue(command(asking, OWN).endsWith(" --token tf_secret --cert FILE --key FILE"), command(asking, OWN));
        String text = new Announcement(asking, state, true, true).text(OWN, false);
        assertTrue(text.contains("agent 8080 --state-dir " + state + " --cert FILE --key FILE"), text);
        assertTrue(text.contains("--client-ca"), text);
    }

    @Test
    void anAccountsTokenIsNobodysToShow() {
        Directions accounts = new Directions("tunnel.example.com", null, 443, null, null, false);
        String text = new Announcement(accounts, state, false, true).text(OWN, true);
        assertTrue(text.contains("--token TOKEN" + System.lineSeparator()) && text.contains("which the accounts file does not hold"), text);
        assertTrue(text.contains("tunnelforge token NAME") && !text.contains("on this machine"), text);
    }
}
