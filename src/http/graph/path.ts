/** Reading the path of a Graph call. */

const VERSION = /^v\d{1,3}\.\d{1,3}$/;

/** The path's parts without the version and a trailing slash; null when it cannot be decoded. */
export function readPath(path: string): readonly string[] | null {
  try {
    const parts = path.split('/').slice(1);
    const segments = path.includes('%') ? parts.map(decodeURIComponent) : parts;
    const [first = ''] = segments;
    const unversioned = VERSION.test(first) ? segments.slice(1) : segments;
    return unversioned.at(-1) === '' ? unversioned.slice(0, -1) : unversioned;
  } catch {
    return null;
  }
}

export function splitOnce(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
