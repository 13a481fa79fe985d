package tunnelforge.agent.local;

import tunnelforge.agent.tunnel.Request;
import tunnelforge.agent.tunnel.Responder;
import tunnelforge.agent.tunnel.ResponseSink;
import tunnelforge.log.Log;
import tunnelforge.net.Tasks;

/** Answers requests by asking the local service. */
public final class LocalResponder implements Responder {
    private final LocalExchange.Setting setting;

    public LocalResponder(LocalService service, HostHeader hostHeader, CircuitBreaker breaker, Tasks tasks, Log log) {
        this.setting = new LocalExchange.Setting(service, hostHeader, breaker, tasks, log);
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
