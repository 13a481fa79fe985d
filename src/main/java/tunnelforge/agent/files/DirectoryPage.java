package tunnelforge.agent.files;

import tunnelforge.text.Html;

/** A directory's names as a page. */
final class DirectoryPage {
    /** The page without its title and names, and what stands around one name. */
    private static final int FRAME = 512;
    private static final int ENTRY = 64;
    /** What one character of a name becomes at most: each of its three octets percent-encoded, and once more escaped. */
    private static final int PER_CHARACTER = 15;
    /** While the page is made there are two copies of at most two bytes a character, and what is sent. */
    private static final int BYTES_PER_CHARACTER = 5;

    private DirectoryPage() {
    }

    /** The memory that {@link #html} and the page's octets need, at most. */
    static long bytes(RequestPath path, ServedDirectory.Listing listing) {
        return BYTES_PER_CHARACTER * characters(path, listing);
    }

    private static long characters(RequestPath path, ServedDirectory.Listing listing) {
        long sum = FRAME + 2 * characters(path.text());
        for (String name : listing.names()) {
            sum += ENTRY + characters(name);
        }
        return sum;
    }

    private static long characters(String text) {
        return text.chars().mapToLong(c -> c < 0x80 && Character.isLetterOrDigit(c) || c == '.' || c == '-' || c == '_' ? 2 : PER_CHARACTER).sum();
    }

    static String html(RequestPath path, ServedDirectory.Listing listing) {
        StringBuilder page = new StringBuilder(Math.toIntExact(characters(path, listing)));
        String title = Html.escape(path.text());
        page.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>")
                .append(title).append("</title></head>\n<body>\n<h1>").append(title).append("</h1>\n<ul>\n");
        if (!path.segments().isEmpty()) {
            page.append("<li><a href=\"../\">../</a></li>\n");
        }
        for (String name : listing.names()) {
            boolean directory = name.endsWith("/");
            String bare = directory ? name.substring(0, name.length() - 1) : name;
            page.append("<li><a href=\"").append(RequestPath.encoded(bare)).append(directory ? "/" : "").append("\">").append(Html.escape(name))
                    .append("</a></li>\n");
        }
        page.append("</ul>\n");
        if (!listing.complete()) {
            page.append("<p>There are more; only ").append(listing.names().size()).append(" are listed.</p>\n");
        }
        return page.append("</body>\n</html>\n").toString();
    }
}
