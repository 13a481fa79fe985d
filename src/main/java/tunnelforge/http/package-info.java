/**
 * HTTP/1.1 heads and bodies (RFC 9110, RFC 9112): octets in, values out, and back.
 *
 * <p>Strict on purpose: whatever two parsers could read differently is refused, so that nothing can be smuggled past
 * one of them. No sockets, no policy, no threads of its own; a reader or a writer belongs to one task at a time.
 * Imports {@code java.base} and {@code tunnelforge.text}, and nothing else.
 */
package tunnelforge.http;
