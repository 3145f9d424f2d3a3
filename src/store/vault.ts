/** Sealing of what must not stand in the clear where it is stored. The key is its business; the store has none. */

export type Vault = {
  /** Names the key, and tells nothing of it. */
  readonly keyId: string;
  /** @param place where the value stands; what was sealed for one place cannot be opened at another */
  seal(text: string, place: string): string;
  /** The text. Throws when it was sealed with another key or for another place, or was altered. */
  open(sealed: string, place: string): string;
};

/** What is stored was sealed with another key than the one that was given, or with one and none was given. */
export class WrongKey extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'WrongKey';
  }
}

/** For those who need no secrets: it shows an empty text in the place of each, and seals nothing. */
export const closedVault: Vault = {
  keyId: '',
  seal() {
    throw new Error('secrets cannot be written without their key');
  },
  open: () => '',
};

const SEALED = /^sealed:([0-9a-f]{16}):/;

/** A sealed value as it is stored: beside JSON, which never begins like it. */
export const markSealed = (keyId: string, bytes: Buffer): string =>
  `sealed:${keyId}:${bytes.toString('base64url')}`;

/** Which key a stored value was sealed with; null when it stands in the clear. */
export const keyIdOf = (stored: string): string | null => SEALED.exec(stored)?.[1] ?? null;
