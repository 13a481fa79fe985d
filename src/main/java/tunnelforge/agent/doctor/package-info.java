/** Tries each step to a server, and says which one fails and why. */
package tunnelforge.agent.doctor;
