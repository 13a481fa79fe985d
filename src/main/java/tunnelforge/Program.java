package tunnelforge;

import java.util.List;
import tunnelforge.agent.AgentMain;
import tunnelforge.agent.DoctorMain;
import tunnelforge.cli.Launch;
import tunnelforge.server.ServerMain;
import tunnelforge.server.TokenCommand;

/** The program, on a Java that is new enough: its first word says which command is meant. */
public final class Program {
    private Program() {
    }

    /**
     * Runs a command and ends the process.
     *
     * @param args the command and what belongs to it
     */
    public static void main(String[] args) {
        if (System.getenv(OlderJava.STARTED_BY_IT) != null) {
            // Killed, it could not pass that on.
            ProcessHandle.current().parent().ifPresent(older -> older.onExit().thenRun(() -> Launch.died(new IllegalStateException("what started it was killed"))));
        }
        Launch.main(List.of(new ServerMain(), new AgentMain(), new DoctorMain(System.out), new TokenCommand(), new Selftest()), args);
    }
}
