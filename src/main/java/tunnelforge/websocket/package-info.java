/**
 * The WebSocket protocol (RFC 6455) on a pair of streams: handshake values, a reader and a writer of messages, for either end.
 *
 * <p>Codec only. When to answer a Ping, how long to wait for a Close and when to cut the connection is the caller's policy.
 * The caller also reads and writes the HTTP heads of the handshake. No extensions, so the reserved bits are always zero.
 *
 * <p>Imports {@code java.base}, {@code tunnelforge.http} and {@code tunnelforge.text}, and nothing else.
 */
package tunnelforge.websocket;
