export const engine = true;
