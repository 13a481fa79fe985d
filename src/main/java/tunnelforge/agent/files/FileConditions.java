package tunnelforge.agent.files;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import tunnelforge.http.Fields;
import tunnelforge.http.HttpDate;

/** What a request makes its answer depend on (RFC 9110 section 13), for files, which have a date and no entity tag. */
final class FileConditions {
    private final Fields fields;
    private final Instant modified;
    private final Instant lastModified;

    /**
     * @param modified when the file changed last
     */
    FileConditions(Fields fields, Instant modified, Instant now) {
        this.fields = fields;
        this.modified = modified.truncatedTo(ChronoUnit.SECONDS);
        this.lastModified = this.modified.isBefore(now.truncatedTo(ChronoUnit.SECONDS)) ? this.modified : null;
    }

    /** The date that stands for the file's content; null within the second in which it changed, when it may do so again unnoticed. */
    Instant lastModified() {
        return lastModified;
    }

    /** 412 or 304, in the order of section 13.2.2; 200 when nothing speaks against the whole answer. */
    int status() {
        String match = fields.get("If-Match");
        Instant unmodifiedSince = date("If-Unmodified-Since");
        if (match != null ? !match.equals("*") : unmodifiedSince != null && modified.isAfter(unmodifiedSince)) {
            return 412;
        }
        String noneMatch = fields.get("If-None-Match");
        if (noneMatch != null) {
            return noneMatch.equals("*") ? 304 : 200;
        }
        Instant modifiedSince = date("If-Modified-Since");
        return modifiedSince != null && lastModified != null && !lastModified.isAfter(modifiedSince) ? 304 : 200;
    }

    /** Whether a Range may be served: what the visitor has of the file is of the same content (section 13.1.5). */
    boolean rangeApplies() {
        String ifRange = fields.get("If-Range");
        return ifRange == null || lastModified != null && lastModified.equals(HttpDate.parse(ifRange));
    }

    private Instant date(String name) {
        String value = fields.get(name);
        return value == null ? null : HttpDate.parse(value);
    }
}
