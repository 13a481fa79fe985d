package tunnelforge;

import java.util.List;
import tunnelforge.agent.AgentMain;
import tunnelforge.cli.Launch;
import tunnelforge.server.ServerMain;

/** The program: its first word says which command is meant. */
public final class Main {
    private Main() {
    }

    /**
     * Runs a command and ends the process.
     *
     * @param args the command and what belongs to it
     */
    public static void main(String[] args) {
        Launch.main(List.of(new ServerMain(), new AgentMain()), args);
    }
}
