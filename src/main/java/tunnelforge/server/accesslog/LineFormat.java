package tunnelforge.server.accesslog;

import tunnelforge.server.edge.Served;

/** How a line looks. For one task. */
interface LineFormat {
    /** Whether there is a line for it. By any task. */
    boolean tells(Served served);

    /** Writes its line, with the line end. */
    void write(Served served, LineBytes to);
}
