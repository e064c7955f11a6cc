/** In place of the table of backends, which are handed in. */
export const vjpBackends = {};
