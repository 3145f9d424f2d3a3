/** Proof to the compiler that every case is handled; throws when reached, which is a bug. */
export function assertNever(value: never): never {
  throw new Error(`unexpected case: ${JSON.stringify(value)}`);
}
