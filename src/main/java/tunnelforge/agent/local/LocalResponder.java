package tunnelforge.agent.local;

import tunnelforge.agent.tunnel.Request;
import tunnelforge.agent.tunnel.Responder;
import tunnelforge.agent.tunnel.ResponseSink;
import tunnelforge.http.FieldChanges;
import tunnelforge.log.Log;
import tunnelforge.net.Tasks;

/** Answers requests by asking the local service. */
public final class LocalResponder implements Responder {
    private final LocalExchange.Setting setting;

    /** {@code toService}: changes of each request's fields, after all that is done to them otherwise. */
    public LocalResponder(LocalService service, HostHeader hostHeader, FieldChanges toService, CircuitBreaker breaker, Tasks tasks, Log log) {
        this.setting = new LocalExchange.Setting(service, hostHeader, toService, breaker, tasks, log);
    }

    @Override
    public void serve(Request request, ResponseSink sink) {
        new LocalExchange(setting, request, sink).run();
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
