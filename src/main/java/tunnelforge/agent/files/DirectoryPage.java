package tunnelforge.agent.files;

import tunnelforge.text.Html;

/** A directory's names as a page. */
final class DirectoryPage {
    private DirectoryPage() {
    }

    static String html(RequestPath path, ServedDirectory.Listing listing) {
        StringBuilder page = new StringBuilder(512 + 64 * listing.names().size());
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
