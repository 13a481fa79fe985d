package tunnelforge.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the program calls itself when it suggests what to type. */
final class InvocationTest {
    @ParameterizedTest
    @CsvSource(textBlock = """
            build/tunnelforge.jar, java -jar build/tunnelforge.jar, java -jar tunnelforge.jar
            /opt/tf-1.2.jar, java -jar /opt/tf-1.2.jar, java -jar tf-1.2.jar
            /my files/tf.jar, java -jar '/my files/tf.jar', java -jar tf.jar
            build/classes, tunnelforge, tunnelforge
            , tunnelforge, tunnelforge
            """, quoteCharacter = '"')
    void aJarIsRunByJava(String classPath, String here, String elsewhere) {
        assertEquals(here, Invocation.here(null, classPath));
        assertEquals(elsewhere, Invocation.elsewhere(null, classPath));
    }

    @Test
    void aClassPathOfMoreThanOneJarIsNotOneToType() {
        assertEquals("tunnelforge", Invocation.here(null, "a.jar" + File.pathSeparator + "b.jar"));
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            ./tunnelforge-linux-x64, ./tunnelforge-linux-x64, ./tunnelforge-linux-x64
            /usr/local/bin/tunnelforge, /usr/local/bin/tunnelforge, ./tunnelforge
            tunnelforge-linux-x64, ./tunnelforge-linux-x64, ./tunnelforge-linux-x64
            /it's here/tf, '/it'\\''s here/tf', ./tf
            ./my tf, './my tf', './my tf'
            """, quoteCharacter = '"')
    void theScriptThatStartedItGoesBeforeItsJar(String command, String here, String elsewhere) {
        assertEquals(here, Invocation.here(command, "build/tunnelforge.jar"));
        assertEquals(elsewhere, Invocation.elsewhere(command, "build/tunnelforge.jar"));
    }

    @Test
    void theWordsFollow() {
        // The tests run from folders of classes.
        assertEquals("tunnelforge token show", Invocation.of(List.of("token", "show")));
        assertEquals("tunnelforge agent 8080 --server '[fd00::2]:443'", Invocation.elsewhere(List.of("agent", "8080", "--server", "[fd00::2]:443")));
        assertEquals("tunnelforge agent 8080", Invocation.elsewhere(List.of("agent", "8080")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"tf_AZaz09-_", "a b", "it's", "$(reboot)", "`x`", "a\\b", "\"", "~root", "a;b", "sha256/+/=", "*", ""})
    @EnabledOnOs(OS.LINUX)
    void aShellReadsAWordAsItWas(String word) throws Exception {
        Process shell = new ProcessBuilder("sh", "-c", "printf %s " + Invocation.word(word)).start();
        assertEquals(word, new String(shell.getInputStream().readAllBytes()));
    }

    @Test
    void theScriptsOfTheProgramSayHowTheyWereCalled() throws Exception {
        for (String script : new String[] {"tunnelforge", "scripts/make-image"}) {
            assertTrue(Files.readString(Path.of(script)).contains("-D" + Invocation.PROPERTY + "="), script);
        }
    }
}
