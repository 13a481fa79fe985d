package tunnelforge.net;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * A client's one certificate, shown to every server that asks for one. Whatever CAs the server names: one that does not accept it can then say why, where it could
 * only miss one that was held back.
 */
public final class ClientKey extends X509ExtendedKeyManager {
    private static final String ALIAS = "own";

    private final KeyEntry entry;

    public ClientKey(KeyEntry entry) {
        this.entry = entry;
    }

    private String choose(String... keyTypes) {
        return Arrays.asList(keyTypes).contains(entry.leaf().getPublicKey().getAlgorithm()) ? ALIAS : null;
    }

    @Override
    public String chooseClientAlias(String[] keyTypes, Principal[] issuers, Socket socket) {
        return choose(keyTypes);
    }

    @Override
    public String chooseEngineClientAlias(String[] keyTypes, Principal[] issuers, SSLEngine engine) {
        return choose(keyTypes);
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        return entry.chain().toArray(X509Certificate[]::new);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        return entry.key();
    }

    @Override
    public String[] getClientAliases(String keyType, Principal[] issuers) {
        return choose(keyType) == null ? null : new String[] {ALIAS};
    }

    @Override
    public String[] getServerAliases(String keyType, Principal[] issuers) {
        return null;
    }

    @Override
    public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
        return null;
    }
}
