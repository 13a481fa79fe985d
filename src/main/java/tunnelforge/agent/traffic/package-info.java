/** Stages around whoever answers: what the agent changes in heads, compresses and measures. */
package tunnelforge.agent.traffic;
