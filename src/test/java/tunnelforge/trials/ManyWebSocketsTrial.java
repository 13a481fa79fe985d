package tunnelforge.trials;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tunnelforge.websocket.CloseCode;
import tunnelforge.websocket.WebSocketMessage;

/** A thousand WebSockets open at once through one tunnel. */
final class ManyWebSocketsTrial {
    private static final int COUNT = 1000;

    @Test
    void aThousandAtOnceAllEchoAndClose() throws Exception {
        assumeTrue(Program.canMeasure(), "no jcmd in this runtime");
        List<WebSocketVisitor> all = new ArrayList<>();
        try (Rig rig = Rig.start(); WebSocketVisitor first = WebSocketVisitor.open(rig)) {
            long server = rig.server().liveBytes();
            long agent = rig.agent().liveBytes();
            Figures opening = new Figures();
            for (int i = 0; i < COUNT; i++) {
                long start = System.nanoTime();
                all.add(WebSocketVisitor.open(rig));
                opening.add(System.nanoTime() - start);
            }
            Figures echoes = new Figures();
            for (int i = 0; i < COUNT; i++) {
                long start = System.nanoTime();
                all.get(i).writer().text("message " + i);
                assertEquals("message " + i, all.get(i).text());
                echoes.add(System.nanoTime() - start);
            }
            Figures.print("1,000 WebSockets: opening %s", opening);
            Figures.print("1,000 WebSockets: echo    %s; each costs %,d bytes in the server, %,d in the agent", echoes,
                    (rig.server().liveBytes() - server) / COUNT, (rig.agent().liveBytes() - agent) / COUNT);
            for (WebSocketVisitor visitor : all) {
                visitor.writer().close(CloseCode.NORMAL, "");
            }
            for (WebSocketVisitor visitor : all) {
                assertEquals(CloseCode.NORMAL, assertInstanceOf(WebSocketMessage.Close.class, visitor.reader().read()).code());
            }
            first.writer().text("still here");
            assertEquals("still here", first.text());
        } finally {
            for (WebSocketVisitor visitor : all) {
                visitor.close();
            }
        }
    }
}
