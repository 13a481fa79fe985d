/**
 * Exchanges over one data connection: ids, states, windows, the combining writer. Server and agent use it alike and add
 * their policy. It imports {@code wire}, {@code http}, {@code net} and {@code log}.
 *
 * <p>Who may block on what: the reading task ({@link tunnelforge.mux.FrameLink#run}) on its socket only; whoever sends, on the
 * socket or on the send credit; whoever receives, on the peer. State locks ({@code Exchange}, {@code FrameWriter}) are held for a few
 * instructions, never across I/O, and never one inside the other but {@code Exchange} inside {@code FrameWriter}'s opening.
 */
package tunnelforge.mux;
