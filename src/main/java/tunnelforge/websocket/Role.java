package tunnelforge.websocket;

/** Which end of the connection we are (RFC 6455, section 5.1): a client masks every frame that it sends, a server none. */
public enum Role {
    /** Sends frames unmasked and refuses unmasked ones. */
    SERVER,
    /** Sends frames masked and refuses masked ones. */
    CLIENT
}
