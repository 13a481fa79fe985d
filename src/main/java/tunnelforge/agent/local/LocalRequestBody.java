package tunnelforge.agent.local;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import tunnelforge.agent.tunnel.Request;
import tunnelforge.http.BodySink;
import tunnelforge.http.HttpBodies;

/**
 * Carries a request's content to the local service; as a task of its own, while another one waits for the response, where the content is not here whole. It ends with the content, with the
 * exchange, or when the local connection is killed. What breaks off ends the direction, so that the local service does not wait for the rest.
 */
final class LocalRequestBody implements Runnable {
    /** After the response: a task that takes longer is held up by a local service that does not read. */
    private static final long SETTLES_WITHIN_MILLIS = 100;

    private final Request request;
    private final BodySink to;
    private final HttpBodies.Ending breakOff;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean sent;

    /** {@code breakOff} ends the direction to the local service. */
    LocalRequestBody(Request request, BodySink to, HttpBodies.Ending breakOff) {
        this.request = request;
        this.to = to;
        this.breakOff = breakOff;
    }

    @Override
    public void run() {
        try {
            request.content(to);
            sent = true;
        } catch (IOException e) {
            // Either the exchange is over, or the local service reads no further: its response says why.
        } finally {
            if (!sent && !request.isOver()) {
                endEarly();
            }
            ended.countDown();
        }
    }

    private void endEarly() {
        try {
            breakOff.end();
        } catch (IOException e) {
            // It has ended already.
        }
    }

    /** Whether the local service was given all of it, and may so be used again; its answer may have been faster than this task. */
    boolean sent() {
        try {
            return ended.getCount() == 0 ? sent : request.wholeContent() >= 0 && ended.await(SETTLES_WITHIN_MILLIS, TimeUnit.MILLISECONDS) && sent;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    void await() {
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
