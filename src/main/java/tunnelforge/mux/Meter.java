package tunnelforge.mux;

/** Is told of bytes that move, and may hold them up. By any task. */
public interface Meter {
    /** Lets everything pass. */
    Meter NONE = bytes -> { };

    /** So many are about to go on. May wait, for as long as those for whom they are can. */
    void moves(int bytes);
}
