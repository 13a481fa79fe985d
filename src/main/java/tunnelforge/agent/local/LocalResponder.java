package tunnelforge.agent.local;

import tunnelforge.agent.tunnel.Request;
import tunnelforge.agent.tunnel.Responder;
import tunnelforge.agent.tunnel.ResponseSink;
import tunnelforge.http.FieldChanges;
import tunnelforge.log.Log;
import tunnelforge.net.Tasks;

/** Answers requests by asking the local service. */
public final class LocalResponder implements Responder {
    private final HostChoice choice;
    private final LocalExchange.Setting setting;
    /** While the choice is open. */
    private final LocalExchange.Setting asSent;

    /** {@code toService}: changes of each request's fields, after all that is done to them otherwise. */
    public LocalResponder(LocalService service, HostHeader hostHeader, FieldChanges toService, CircuitBreaker breaker, Tasks tasks, Log log) {
        this.choice = new HostChoice(hostHeader, service.target(), log);
        this.setting = new LocalExchange.Setting(service, hostHeader, toService, breaker, tasks, log);
        this.asSent = new LocalExchange.Setting(service, HostHeader.PRESERVE, toService, breaker, tasks, log);
    }

    @Override
    public void serve(Request request, ResponseSink sink) {
        if (choice.isOpen()) {
            tryAsSent(request, sink);
        } else {
            new LocalExchange(setting, request, sink).run();
        }
    }

    private void tryAsSent(Request request, ResponseSink sink) {
        try (KeptRequest kept = new KeptRequest(request, setting.service().room())) {
            HostTrial trial = new HostTrial(choice, kept, sink);
            new LocalExchange(asSent, kept, trial).run();
            if (trial.refusal() != null) {
                new LocalExchange(setting, kept.again(), trial.refusal().isSuspicion() ? trial.confirming() : sink).run();
            }
        }
    }

    @Override
    public void visitorHasLeft(String visitorConnection) {
        setting.service().visitorHasLeft(visitorConnection);
    }

    @Override
    public void close() {
        setting.service().close();
    }
}
