package tunnelforge.agent.local;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import tunnelforge.agent.tunnel.Request;
import tunnelforge.http.BodySink;

/**
 * Carries a request's content to the local service; as a task of its own, while another one waits for the response, where the content is not here whole. It ends with the content, with the
 * exchange, or when the local connection is killed.
 */
final class LocalRequestBody implements Runnable {
    /** After the response: a task that takes longer is held up by a local service that does not read. */
    private static final long SETTLES_WITHIN_MILLIS = 100;

    private final Request request;
    private final BodySink to;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean sent;

    LocalRequestBody(Request request, BodySink to) {
        this.request = request;
        this.to = to;
    }

    @Override
    public void run() {
        try {
            request.content(to);
            sent = true;
        } catch (IOException e) {
            // Either the exchange is over, or the local service reads no further: its response says why.
        } finally {
            ended.countDown();
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
