package tunnelforge.agent;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.stream.Stream;
import tunnelforge.agent.doctor.Doctor;
import tunnelforge.agent.doctor.Means;
import tunnelforge.agent.tunnel.ServerAccess;
import tunnelforge.cli.Command;
import tunnelforge.cli.CommandLine;
import tunnelforge.cli.CommonOptions;
import tunnelforge.cli.Launch;
import tunnelforge.cli.Option;
import tunnelforge.cli.UsageException;
import tunnelforge.log.Log;
import tunnelforge.net.Ticker;
import tunnelforge.net.TlsDefaults;

/** {@code doctor}: where the way to a server ends. */
public final class DoctorMain implements Command {
    private static final int FAILED = 1;
    private static final List<Option> OPTIONS = Stream.concat(AgentOptions.SERVER.stream(), Stream.of(CommonOptions.CONFIG, CommonOptions.STATE_DIR)).toList();

    private final PrintStream out;

    /** {@code out}: gets a line for each step. */
    public DoctorMain(PrintStream out) {
        this.out = out;
    }

    @Override
    public String name() {
        return "doctor";
    }

    @Override
    public String summary() {
        return "try each step to a server, and say which one fails and why";
    }

    @Override
    public List<Option> options() {
        return OPTIONS;
    }

    @Override
    public String description() {
        return """
                It takes the server, token and trust as an agent does: look up the name, connect, speak TLS, judge the certificate, \
                open a control connection, register a tunnel, open a data connection, and visit the tunnel. No local service is \
                needed. Exit code 0 when all of that works, 3 when the server refuses, 4 when it is not trusted, else 1.

                  doctor
                  doctor --server tunnel.example.com:443 --token tf_... --pin sha256/...""";
    }

    @Override
    public int run(CommandLine line) throws UsageException, IOException {
        TlsDefaults.apply();
        Log log = Log.to(System.err, Log.Format.TEXT, Log.Level.WARN);
        try {
            return run(AgentSetup.program(line).read(options -> AgentOptions.server(options, log)), log);
        } finally {
            log.end();
        }
    }

    private int run(ServerAccess server, Log log) throws IOException {
        try (AgentProgram program = new AgentProgram(server, log, Launch::died, Ticker::new)) {
            return new Doctor(new Means(server, program.link(), program.resolver(), program.ticker(),
                    program.tasks(), program.memory()), System.getenv(), out).run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return FAILED;
        }
    }
}
