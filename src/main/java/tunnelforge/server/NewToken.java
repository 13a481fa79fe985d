package tunnelforge.server;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.LocalDate;
import java.util.HexFormat;
import java.util.List;
import tunnelforge.json.JsonArray;
import tunnelforge.json.JsonObject;
import tunnelforge.json.JsonWriter;
import tunnelforge.text.AccessToken;
import tunnelforge.text.Digests;

/** A token that was just made for an account, and what belongs into the accounts file for it. */
final class NewToken {
    private static final int ID_CHARS = 6;

    private final String account;
    private final String tier;
    private final String token;
    private final JsonObject entry;

    /**
     * Makes it.
     *
     * @param id names it in logs; null for some
     * @param expires null for never
     * @param may what it may be used for; empty for all that the account may
     */
    NewToken(String account, String tier, String id, LocalDate today, LocalDate expires, List<String> may, SecureRandom random) {
        this.account = account;
        this.tier = tier;
        token = AccessToken.make(random);
        String sha256 = HexFormat.of().formatHex(Digests.sha256(token.getBytes(StandardCharsets.UTF_8)));
        JsonObject.Builder json = JsonObject.builder().put("id", id == null ? sha256.substring(0, ID_CHARS) : id).put("sha256", sha256).put("created", today.toString())
                .putIfPresent("expires", expires == null ? null : expires.toString());
        if (!may.isEmpty()) {
            json.put("may", JsonArray.ofStrings(may));
        }
        entry = json.build();
    }

    /** For the person who makes it: nobody can show the token again. */
    String text() {
        JsonObject whole = JsonObject.builder().put("name", account).put("tier", tier).put("tokens", new JsonArray(List.of(entry))).build();
        return """
                The token of %s, which nobody can show again:

                  %s

                For a new account, this goes among "accounts" in the accounts file:

                  %s

                For one that is there, this goes among its "tokens":

                  %s
                """.formatted(account, token, JsonWriter.write(whole), JsonWriter.write(entry));
    }
}
