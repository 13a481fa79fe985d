package tunnelforge.trials;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import tunnelforge.ScriptedService;

/** {@code make demo ARGS=--once}, on a free port. */
final class DemoTrial {
    @Test
    void demoProvesItselfAndEnds() throws Exception {
        assumeTrue(new File("scripts/demo").canExecute(), "not started in the project's folder");
        ProcessBuilder builder = new ProcessBuilder("scripts/demo", "--once", "--port", String.valueOf(ScriptedService.freePort()));
        builder.environment().put("TF_JAVA_HOME", System.getProperty("java.home"));
        Process demo = builder.redirectErrorStream(true).start();
        String output = new String(demo.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, demo.waitFor(), output);
        assertTrue(output.contains("All of it worked."), output);
        output.lines().filter(line -> line.startsWith("  ok")).forEach(line -> Figures.print("demo: %s", line.substring(4).strip()));
    }
}
