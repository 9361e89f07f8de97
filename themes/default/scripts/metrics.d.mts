export function metrics(): string;
