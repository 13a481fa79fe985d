package tunnelforge.net;

import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.StandardConstants;
import javax.net.ssl.X509ExtendedKeyManager;
import tunnelforge.text.HostNames;

/**
 * The server's certificates, one of which is picked for each handshake by the name that the client asks for.
 *
 * <p>The rule: those that a person gave go before those that the program made; of either, those with that very name go before
 * those with a wildcard. The first group of which the client can check any key serves, and the client chooses among its
 * kinds of key; of one kind the later in the list goes first. Where none covers the name, or none was asked for, the first
 * that was made serves.
 *
 * <p>Any task may call it, also while {@link #replace} does its work: a handshake sees the old list or the new one.
 */
public final class ServerKeys extends X509ExtendedKeyManager {
    /** What clients of many kinds of key prefer, and the JDK's first of all. */
    private static final List<String> PREFERRED = List.of("EC", "EdDSA", "RSA");

    private volatile Entries current;

    /** Certificates that are all alike, at least one. */
    public ServerKeys(List<KeyEntry> entries) {
        this(entries, List.of());
    }

    /**
     * At least one of both.
     *
     * @param made by the program; the first serves where no other one fits
     * @param given by a person
     */
    public ServerKeys(List<KeyEntry> made, List<KeyEntry> given) {
        this.current = new Entries(made, given, Map.of());
    }

    /** Serves with other entries, at least one, from the next handshake on; those under way keep what they began with. */
    public void replace(List<KeyEntry> made, List<KeyEntry> given) {
        current = new Entries(made, given, current.byAlias);
    }

    /** What is shown for a name to a client that can check any key, as the JDK's can. */
    public KeyEntry shown(String name) {
        Entries entries = current;
        return PREFERRED.stream().map(keyType -> entries.choose(keyType, HostNames.normalise(name), List.of())).filter(Objects::nonNull).findFirst()
                .map(alias -> entries.find(alias).key).orElse(entries.fallback().key);
    }

    @Override
    public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
        if (!(socket instanceof SSLSocket tls)) {
            return choose(keyType, null, null);
        }
        // TlsLayer has put it there.
        List<SNIServerName> names = tls.getSSLParameters().getServerNames();
        return choose(keyType, names == null ? null : hostName(names), tls.getHandshakeSession());
    }

    @Override
    public String chooseEngineServerAlias(String keyType, Principal[] issuers, SSLEngine engine) {
        return choose(keyType, null, engine == null ? null : engine.getHandshakeSession());
    }

    private String choose(String keyType, String known, SSLSession session) {
        String name = known;
        List<String> algorithms = List.of();
        if (session instanceof ExtendedSSLSession extended) {
            name = known == null ? hostName(extended.getRequestedServerNames()) : known;
            algorithms = Arrays.asList(extended.getPeerSupportedSignatureAlgorithms());
        }
        return current.choose(keyType, name, algorithms);
    }

    private static String hostName(List<SNIServerName> names) {
        for (SNIServerName name : names) {
            if (name.getType() == StandardConstants.SNI_HOST_NAME) {
                return HostNames.normalise(new String(name.getEncoded(), StandardCharsets.US_ASCII));
            }
        }
        return null;
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        Entry entry = current.find(alias);
        return entry == null ? null : entry.key.chain().toArray(X509Certificate[]::new);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        Entry entry = current.find(alias);
        return entry == null ? null : entry.key.key();
    }

    @Override
    public String[] getServerAliases(String keyType, Principal[] issuers) {
        return null;
    }

    @Override
    public String[] getClientAliases(String keyType, Principal[] issuers) {
        return null;
    }

    @Override
    public String chooseClientAlias(String[] keyTypes, Principal[] issuers, Socket socket) {
        return null;
    }

    private record Entry(String alias, KeyEntry key, String keyType, Set<String> names) {
        static Entry of(KeyEntry key) {
            // An alias that depends on the certificate alone: it means the same after a replacement.
            return new Entry(Pin.of(key.leaf()) + "/" + key.leaf().getSerialNumber(), key,
                    key.leaf().getPublicKey().getAlgorithm(), Set.copyOf(ServerNames.dnsNames(key.leaf())));
        }

        /** Algorithms are named as the JDK does, such as SHA256withECDSA; an empty list means that they are not known. */
        boolean canBeCheckedWith(List<String> algorithms) {
            return algorithms.isEmpty() || algorithms.stream().anyMatch(algorithm -> switch (keyType) {
                case "EC" -> algorithm.endsWith("ECDSA");
                case "RSA" -> algorithm.endsWith("withRSA") || algorithm.equals("RSASSA-PSS");
                case "EdDSA" -> algorithm.startsWith("Ed");
                default -> algorithm.equals(keyType);
            });
        }
    }

    /** One list of entries with its indexes; immutable. */
    private static final class Entries {
        /** Those that were made, then those that were given: of equals the later goes first. */
        private final List<Entry> all;
        private final Map<String, List<Entry>> made;
        private final Map<String, List<Entry>> given;
        private final Map<String, Entry> byAlias = new HashMap<>();
        private final Map<String, Entry> formerByAlias;

        Entries(List<KeyEntry> made, List<KeyEntry> given, Map<String, Entry> formerByAlias) {
            if (made.isEmpty() && given.isEmpty()) {
                throw new IllegalArgumentException("a server needs at least one certificate");
            }
            this.all = Stream.concat(made.stream(), given.stream()).map(Entry::of).toList();
            this.made = byName(all.subList(0, made.size()));
            this.given = byName(all.subList(made.size(), all.size()));
            this.formerByAlias = formerByAlias;
            all.forEach(entry -> byAlias.put(entry.alias, entry));
        }

        private static Map<String, List<Entry>> byName(List<Entry> entries) {
            Map<String, List<Entry>> byName = new HashMap<>();
            for (Entry entry : entries) {
                entry.names.forEach(name -> byName.computeIfAbsent(name, unused -> new ArrayList<>()).addFirst(entry));
            }
            return byName;
        }

        Entry find(String alias) {
            Entry entry = byAlias.get(alias);
            return entry == null ? formerByAlias.get(alias) : entry;
        }

        Entry fallback() {
            return all.getFirst();
        }

        /** Null when the client has to ask for another kind of key. */
        String choose(String keyType, String name, List<String> algorithms) {
            return group(name, algorithms).stream().filter(entry -> entry.keyType.equals(keyType)).map(Entry::alias).findFirst().orElse(null);
        }

        private List<Entry> group(String name, List<String> algorithms) {
            List<List<Entry>> covering = name == null ? List.of() : Stream.of(given.get(name), given.get(ServerNames.wildcard(name)),
                    made.get(name), made.get(ServerNames.wildcard(name))).filter(Objects::nonNull).toList();
            return covering.stream().filter(group -> group.stream().anyMatch(entry -> entry.canBeCheckedWith(algorithms))).findFirst()
                    .orElseGet(() -> covering.isEmpty() ? likeFallback() : covering.getFirst());
        }

        /** The first, and those for the same names with another kind of key. */
        private List<Entry> likeFallback() {
            Entry first = fallback();
            return all.reversed().stream().filter(entry -> entry == first || entry.names.equals(first.names) && !entry.keyType.equals(first.keyType)).toList();
        }
    }
}
