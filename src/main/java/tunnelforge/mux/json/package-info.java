/** The JSON encoding: one message each way and one exchange at a time on a data connection, for small agents. */
package tunnelforge.mux.json;
