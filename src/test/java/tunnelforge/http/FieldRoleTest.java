package tunnelforge.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Names as whoever folds them reads them. */
class FieldRoleTest {
    private static void are(FieldRole role, String... names) {
        for (String name : names) {
            assertEquals(role, FieldRole.of(name), name);
        }
    }

    @Test
    void caseDoesNotCount() {
        are(FieldRole.HOP_BY_HOP, "Connection", "CONNECTION", "te", "Te", "Transfer-Encoding", "tRANSFER-eNCODING", "Keep-Alive", "Proxy-Connection", "Upgrade");
        are(FieldRole.FORWARDING, "X-Forwarded-For", "x-forwarded-for", "X-FORWARDED-PROTO", "X-Forwarded-", "X-Forwarded", "Forwarded", "X-Real-IP", "x-real-ip", "Client-IP",
            "CF-Connecting-IP", "CF-Pseudo-IPv4", "Client-Cert", "Client-Cert-Chain");
        are(FieldRole.OURS, "tunnelforge-request-id", "TunnelForge-Error", "TUNNELFORGE-X", "tunnelforge-");
    }

    @Test
    void whateverIsNeitherLetterNorDigitCountsAsAHyphen() {
        are(FieldRole.IMITATION, "Content_Length", "CONTENT.LENGTH", "content~length", "content|length", "Transfer_Encoding", "Transfer.Encoding", "Keep*Alive", "Proxy_Connection",
            "X_Forwarded_For", "X-Forwarded_For", "X.Forwarded-For", "X-Forwarded-For_", "X_Forwarded", "X_Real_IP", "X-Real.IP", "Tunnelforge_Request_Id", "Tunnelforge-Request_Id",
            "tunnelforge.", "CF_Connecting_IP");
    }

    @Test
    void othersPass() {
        are(FieldRole.ORDINARY, "Content-Length", "content-length", "Content-Type", "Content_Type", "Host", "Cookie", "X", "x-forwarder-for", "X-Forwarde", "X-Forwardedfor",
            "XForwardedFor", "X--Forwarded-For", "Content-Lengths", "ContentLength", "_Content_Length", "tunnelforge", "tunnelforgex", "tunnelforge0request", "X-My_Field.1", "Via", "CDN-Loop", "Tea", "T",
            "X-Real-IPs", "a".repeat(1000), "!#$%&'*+-.^_`|~", "\u0014e", "X-Request-ID", "X-Api-Key", "Content0Length");
    }

    @Test
    void everyNameOfTheTableIsFoundInEverySpelling() {
        for (String name : new String[] {"true-client-ip", "x-cluster-client-ip", "fastly-client-ip", "x-original-host", "x-original-url", "x-rewrite-url", "front-end-https",
            "x-appengine-user-ip", "x-envoy-external-address", "x-original-forwarded-for", "wl-proxy-client-ip"}) {
            are(FieldRole.FORWARDING, name, name.toUpperCase(java.util.Locale.ROOT));
            are(FieldRole.IMITATION, name.replace('-', '_'), name.replaceFirst("-", "."));
        }
    }
}
