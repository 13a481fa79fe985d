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
import java.util.Locale;
import java.util.Map;
import java.util.Set;
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
 * <p>The rule: an entry with that very name goes before one with a wildcard; among equals the later in the list goes
 * first; where no entry covers the name, or none was asked for, the first in the list serves. So the certificate of
 * the own CA is listed first and those that a person gave after it. Entries whose key the client cannot check are
 * passed over. Entries with the same set of names (an EC and an RSA certificate for one site) count as one, and the
 * client chooses among their key types.
 *
 * <p>Any task may call it, also while {@link #replace} does its work: a handshake sees the old list or the new one.
 */
public final class ServerKeys extends X509ExtendedKeyManager {
    private volatile Entries current;

    /** At least one entry; the first serves where no other one fits. */
    public ServerKeys(List<KeyEntry> entries) {
        this.current = new Entries(entries, Map.of());
    }

    /** Serves with other entries, at least one, from the next handshake on; those under way keep what they began with. */
    public void replace(List<KeyEntry> entries) {
        current = new Entries(entries, current.byAlias);
    }

    @Override
    public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
        return choose(keyType, socket instanceof SSLSocket tls ? tls.getHandshakeSession() : null);
    }

    @Override
    public String chooseEngineServerAlias(String keyType, Principal[] issuers, SSLEngine engine) {
        return choose(keyType, engine == null ? null : engine.getHandshakeSession());
    }

    private String choose(String keyType, SSLSession session) {
        String name = null;
        List<String> algorithms = List.of();
        if (session instanceof ExtendedSSLSession extended) {
            name = requestedName(extended);
            algorithms = Arrays.asList(extended.getPeerSupportedSignatureAlgorithms());
        }
        return current.choose(keyType, name, algorithms);
    }

    private static String requestedName(ExtendedSSLSession session) {
        for (SNIServerName name : session.getRequestedServerNames()) {
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
        private final List<Entry> all;
        private final Map<String, List<Entry>> byName = new HashMap<>();
        private final Map<String, Entry> byAlias = new HashMap<>();
        private final Map<String, Entry> formerByAlias;

        Entries(List<KeyEntry> keys, Map<String, Entry> formerByAlias) {
            if (keys.isEmpty()) {
                throw new IllegalArgumentException("a server needs at least one certificate");
            }
            this.all = keys.stream().map(Entry::of).toList();
            this.formerByAlias = formerByAlias;
            for (Entry entry : all) {
                byAlias.put(entry.alias, entry);
                for (String name : entry.names) {
                    byName.computeIfAbsent(name.toLowerCase(Locale.ROOT), unused -> new ArrayList<>()).addFirst(entry);
                }
            }
        }

        Entry find(String alias) {
            Entry entry = byAlias.get(alias);
            return entry == null ? formerByAlias.get(alias) : entry;
        }

        /** The best first. */
        List<Entry> covering(String name) {
            List<Entry> entries = new ArrayList<>(byName.getOrDefault(name, List.of()));
            entries.addAll(byName.getOrDefault(ServerNames.wildcard(name), List.of()));
            return entries;
        }

        String choose(String keyType, String name, List<String> algorithms) {
            List<Entry> candidates = name == null ? List.of() : covering(name);
            Entry best = candidates.isEmpty() ? all.getFirst() : candidates.stream()
                    .filter(entry -> entry.canBeCheckedWith(algorithms)).findFirst().orElse(candidates.getFirst());
            if (best.keyType.equals(keyType)) {
                return best.alias;
            }
            return all.stream().filter(entry -> entry.keyType.equals(keyType) && entry.names.equals(best.names))
                    .map(Entry::alias).reduce((former, latter) -> latter).orElse(null);
        }
    }
}
