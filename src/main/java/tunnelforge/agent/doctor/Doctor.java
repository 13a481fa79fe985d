package tunnelforge.agent.doctor;

import java.io.PrintStream;
import java.util.Map;
import tunnelforge.agent.proxy.ProxyChoice;

/**
 * Tries each step to a server and says what it saw, until one fails.
 *
 * <pre>
 *   name ─▶ port ─▶ tls ─▶ trust ─▶ control ─▶ token ─▶ data ─▶ visit
 *   or proxy ───┘                │                                    │
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
        boolean direct = means.server().proxy() == null;
        String variable = ProxyChoice.variable(environment);
        if (direct && variable != null) {
            report.note(variable + " is set, but not for this server: agents connect to it directly");
        }
        ServerSteps server = new ServerSteps(means);
        try (TunnelSteps tunnel = new TunnelSteps(means, server)) {
            if (direct) {
                report.step("name", server::name);
                report.step("port", server::port);
            } else {
                report.step("proxy", server::proxy);
            }
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
