package tunnelforge.agent.doctor;

import java.io.PrintStream;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Tries each step to a server and says what it saw, until one fails.
 *
 * <pre>
 *   name ─▶ port ─▶ tls ─▶ trust ─▶ control ─▶ token ─▶ data ─▶ visit
 *   ServerSteps ────────────────┘   TunnelSteps ─────────────────────┘
 * </pre>
 */
public final class Doctor {
    private final Means means;
    private final Map<String, String> environment;
    private final Report report;

    /** {@code environment}: looked at for what other programs would connect through; {@code out}: gets the findings. */
    public Doctor(Means means, Map<String, String> environment, PrintStream out) {
        this.means = means;
        this.environment = environment;
        this.report = new Report(out, means.ticker().clock());
    }

    /** Returns the exit code: 0 when a tunnel works. */
    public int run() throws InterruptedException {
        Stream.of("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy").filter(environment::containsKey).findFirst()
                .ifPresent(name -> report.note(name + " is set, but agents connect to the server directly"));
        ServerSteps server = new ServerSteps(means);
        try (TunnelSteps tunnel = new TunnelSteps(means, server)) {
            report.step("name", server::name);
            report.step("port", server::port);
            report.step("tls", server::tls);
            report.step("trust", server::trust);
            report.step("control", tunnel::control);
            report.step("token", tunnel::token);
            report.step("data", tunnel::data);
            report.step("visit", tunnel::visit);
            tunnel.remarks(report);
            return 0;
        } catch (StepFailed failed) {
            return failed.code();
        }
    }
}
