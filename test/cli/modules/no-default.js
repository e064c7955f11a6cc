export const problem = 1;
