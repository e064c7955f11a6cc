/** A module that serves no problem. */
export const nothing = 0;
