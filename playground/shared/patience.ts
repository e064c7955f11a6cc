/** How long code of a model may take before it is taken for a loop that never ends, in milliseconds. */
export const OWN_CODE = 700;
