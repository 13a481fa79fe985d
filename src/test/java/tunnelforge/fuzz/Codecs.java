package tunnelforge.fuzz;

import java.util.List;
import java.util.stream.Stream;
import tunnelforge.agent.AgentFileCodec;
import tunnelforge.agent.files.RequestPathCodec;
import tunnelforge.agent.local.OriginsCodec;
import tunnelforge.agent.proxy.ProxyCodecs;
import tunnelforge.agent.traffic.TagsCodec;
import tunnelforge.http.FieldCodecs;
import tunnelforge.http.HttpCodecs;
import tunnelforge.json.JsonCodecs;
import tunnelforge.net.NetCodecs;
import tunnelforge.server.access.AccountsFileCodec;
import tunnelforge.server.edge.ForwardingCodec;
import tunnelforge.server.tunnel.TunnelCodecs;
import tunnelforge.text.TextCodecs;
import tunnelforge.websocket.WebSocketCodecs;
import tunnelforge.wire.WireCodecs;

/** All that reads what comes from outside: whoever adds another adds a line. */
final class Codecs {
    private Codecs() {
    }

    static List<Codec<?>> all() {
        return Stream.<List<? extends Codec<?>>>of(
            HttpCodecs.all(),
            FieldCodecs.all(),
            WireCodecs.all(),
            WebSocketCodecs.all(),
            JsonCodecs.all(),
            NetCodecs.all(),
            TextCodecs.all(),
            TunnelCodecs.all(),
            List.of(ForwardingCodec.forwarding()),
            List.of(RequestPathCodec.paths()),
            List.of(AgentFileCodec.agentFiles(), AgentFileCodec.tunnelsFiles()),
            List.of(AccountsFileCodec.accountsFiles()),
            List.of(OriginsCodec.origins()),
            ProxyCodecs.all(), List.of(TagsCodec.tags())
        ).<Codec<?>>flatMap(List::stream).toList();
    }
}
