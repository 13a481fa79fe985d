package tunnelforge.agent.files;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Content-Type by a file's extension: the JDK's own guess depends on the machine. */
final class MediaTypes {
    private static final String UNKNOWN = "application/octet-stream";
    private static final String TEXT = "; charset=utf-8";
    private static final Map<String, String> BY_EXTENSION = byExtension("""
            text/html html htm
            text/css css
            text/javascript js mjs
            text/plain txt log conf ini
            text/markdown md
            text/csv csv
            text/calendar ics
            application/json json map
            application/ld+json jsonld
            application/manifest+json webmanifest
            application/xml xml xsl
            application/atom+xml atom
            application/rss+xml rss
            application/xhtml+xml xhtml
            application/pdf pdf
            application/wasm wasm
            application/zip zip
            application/gzip gz tgz
            application/zstd zst
            application/x-tar tar
            application/x-7z-compressed 7z
            application/java-archive jar
            application/epub+zip epub
            application/yaml yaml yml
            application/toml toml
            application/vnd.openxmlformats-officedocument.wordprocessingml.document docx
            application/vnd.openxmlformats-officedocument.spreadsheetml.sheet xlsx
            application/vnd.openxmlformats-officedocument.presentationml.presentation pptx
            font/woff woff
            font/woff2 woff2
            font/ttf ttf
            font/otf otf
            image/png png
            image/jpeg jpg jpeg
            image/gif gif
            image/svg+xml svg
            image/webp webp
            image/avif avif
            image/bmp bmp
            image/tiff tif tiff
            image/vnd.microsoft.icon ico
            audio/mpeg mp3
            audio/ogg ogg oga opus
            audio/wav wav
            audio/flac flac
            audio/mp4 m4a
            video/mp4 mp4 m4v
            video/webm webm
            video/ogg ogv
            video/quicktime mov
            video/x-matroska mkv
            """);

    private MediaTypes() {
    }

    private static Map<String, String> byExtension(String table) {
        Map<String, String> types = new HashMap<>();
        for (String line : table.split("\n")) {
            String[] words = line.split(" ");
            for (int i = 1; i < words.length; i++) {
                types.put(words[i], words[0].startsWith("text/") ? words[0] + TEXT : words[0]);
            }
        }
        return Map.copyOf(types);
    }

    static String of(String fileName) {
        if (fileName.indexOf('.') < 0) {
            return UNKNOWN;
        }
        String extension = fileName.substring(fileName.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        return BY_EXTENSION.getOrDefault(extension, UNKNOWN);
    }
}
