package tunnelforge.agent.files;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import tunnelforge.agent.tunnel.Request;
import tunnelforge.agent.tunnel.Responder;
import tunnelforge.agent.tunnel.ResponseSink;
import tunnelforge.http.ByteRange;
import tunnelforge.http.Fields;
import tunnelforge.http.HttpDate;
import tunnelforge.http.HttpException;
import tunnelforge.http.RequestHead;
import tunnelforge.http.ResponseHead;
import tunnelforge.log.Log;
import tunnelforge.mux.ResetException;
import tunnelforge.net.Ledger;
import tunnelforge.wire.ResetCode;

/** Answers GET and HEAD from a directory: files, their parts, and pages that list what there is. A request's body is not looked at. */
public final class FileResponder implements Responder {
    private static final String GET = "GET";
    private static final String HEAD = "HEAD";

    private final Ledger budget;
    private final ServedDirectory directory;
    private final Log log;

    /** {@code budget} covers listings while they are made and sent. */
    public FileResponder(Path root, Ledger budget, Log log) {
        this.budget = budget;
        this.directory = new ServedDirectory(root);
        this.log = log;
    }

    @Override
    public void serve(Request asked, ResponseSink sink) {
        RequestHead request = asked.head();
        try {
            answer(sink, request);
        } catch (ResetException e) {
            log.debug("exchange_ended", "an exchange has ended early", "reason", e.getMessage());
        } catch (IOException e) {
            log.warn("file_failed", "a file could not be sent to its end", "error", e.toString(), "request",
                    request.method() + " " + request.path());
            sink.fail(ResetCode.BROKEN_OFF, "a file could not be sent to its end");
        }
    }

    @Override
    public void close() {
        // Nothing is kept.
    }

    private void answer(ResponseSink sink, RequestHead request) throws IOException {
        Fields fields = new Fields();
        fields.add("Date", HttpDate.format(Instant.now()));
        if (!request.method().equals(GET) && !request.method().equals(HEAD)) {
            fields.add("Allow", GET + ", " + HEAD);
            text(request, sink, 405, fields, "Only GET and HEAD are served here.");
            return;
        }
        ServedDirectory.Found found;
        RequestPath path;
        try {
            path = RequestPath.parse(request.target());
            found = directory.find(path);
        } catch (HttpException e) {
            text(request, sink, e.status(), fields, "Bad request: " + e.getMessage() + ".");
            return;
        } catch (NoSuchFileException e) {
            text(request, sink, 404, fields, "Not found.");
            return;
        } catch (IOException e) {
            log.warn("file_unreadable", "a file cannot be read", "error", e.toString());
            text(request, sink, e instanceof AccessDeniedException ? 403 : 500, fields, "This cannot be read.");
            return;
        }
        switch (found) {
            case ServedDirectory.OpenFile file -> file(sink, request, path, file, fields);
            case ServedDirectory.Listing listing -> listing(request, sink, fields, path, listing);
            case ServedDirectory.SlashMissing missing -> {
                fields.add("Location", path.asDirectory() + path.query());
                text(request, sink, 301, fields, "This is a directory.");
            }
        }
    }

    private void listing(RequestHead request, ResponseSink sink, Fields fields, RequestPath path, ServedDirectory.Listing listing) throws IOException {
        Ledger.Charge charge = budget.charge();
        try {
            if (charge.tryAdd(DirectoryPage.bytes(path, listing))) {
                fields.add("Content-Type", "text/html; charset=utf-8");
                page(request, sink, 200, fields, DirectoryPage.html(path, listing).getBytes(StandardCharsets.UTF_8));
            } else {
                text(request, sink, 503, fields, "Too many listings are being sent.");
            }
        } finally {
            charge.release();
        }
    }

    private static void text(RequestHead request, ResponseSink sink, int status, Fields fields, String text) throws IOException {
        fields.add("Content-Type", "text/plain; charset=utf-8");
        page(request, sink, status, fields, (text + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static void page(RequestHead request, ResponseSink sink, int status, Fields fields, byte[] body) throws IOException {
        respond(request, sink, status, fields, body.length, new ByteArrayInputStream(body)::read);
    }

    private static void respond(RequestHead request, ResponseSink sink, int status, Fields fields, long length, OwnBody.Bytes body) throws IOException {
        fields.add("Content-Length", Long.toString(length));
        sink.respond(head(status, fields), request.method().equals(HEAD) ? OwnBody.NONE : new OwnBody(length, body));
    }

    private static ResponseHead head(int status, Fields fields) {
        return new ResponseHead(status, switch (status) {
            case 200 -> "OK";
            case 206 -> "Partial Content";
            case 301 -> "Moved Permanently";
            case 304 -> "Not Modified";
            case 400 -> "Bad Request";
            case 403 -> "Forbidden";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 412 -> "Precondition Failed";
            case 416 -> "Range Not Satisfiable";
            case 500 -> "Internal Server Error";
            case 503 -> "Service Unavailable";
            default -> throw new IllegalArgumentException("status " + status);
        }, 1, fields);
    }

    private static void file(ResponseSink sink, RequestHead request, RequestPath path, ServedDirectory.OpenFile file, Fields fields)
            throws IOException {
        try (file) {
            FileConditions conditions = new FileConditions(request.fields(), file.modified(), Instant.now());
            if (conditions.lastModified() != null) {
                fields.add("Last-Modified", HttpDate.format(conditions.lastModified()));
            }
            fields.add("Accept-Ranges", "bytes");
            switch (conditions.status()) {
                case 304 -> sink.respond(head(304, fields), OwnBody.NONE);
                case 412 -> text(request, sink, 412, fields, "The file has changed.");
                default -> content(sink, request, path, file, conditions, fields);
            }
        }
    }

    private static void content(ResponseSink sink, RequestHead request, RequestPath path, ServedDirectory.OpenFile file, FileConditions conditions,
            Fields fields) throws IOException {
        List<String> asked = request.fields().all("Range");
        boolean served = request.method().equals(GET) && asked.size() == 1 && conditions.rangeApplies();
        switch (ByteRange.of(served ? asked.get(0) : null, file.length())) {
            case ByteRange.Whole whole -> content(request, sink, 200, path, file, 0, file.length(), fields);
            case ByteRange.Part part -> {
                fields.add("Content-Range", "bytes " + part.first() + "-" + part.last() + "/" + file.length());
                content(request, sink, 206, path, file, part.first(), part.length(), fields);
            }
            case ByteRange.Unsatisfiable none -> {
                fields.add("Content-Range", "bytes */" + file.length());
                text(request, sink, 416, fields, "The file has " + file.length() + " bytes.");
            }
        }
    }

    private static void content(RequestHead request, ResponseSink sink, int status, RequestPath path, ServedDirectory.OpenFile file, long from, long length, Fields fields)
            throws IOException {
        List<String> segments = path.segments();
        fields.add("Content-Type", MediaTypes.of(path.directory() ? ServedDirectory.INDEX : segments.get(segments.size() - 1)));
        SeekableByteChannel channel = file.channel().position(from);
        respond(request, sink, status, fields, length, (b, off, len) -> channel.read(ByteBuffer.wrap(b, off, len)));
    }
}
