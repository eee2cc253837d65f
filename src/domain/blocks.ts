/**
 * Loops over whole columns are cut into blocks of this many bars, each a call of its own. V8 brings a function that is called often to
 * its best code; one long loop stays in the code of its middle compiler (on-stack replacement), at about half of the speed, in
 * every first run above all.
 */
export const blockLength = 1_024;
