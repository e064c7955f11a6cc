/** Of gradients whose differences are taken. */
export const tightly = { rtol: 1e-12, atol: 1e-12 } as const;
