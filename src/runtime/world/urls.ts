/** Addresses that a world or an operator gives. */

/** Whether people may be sent there with a code in the query. */
export const isRedirectUri = (text: string): boolean => isHttpUrl(text) && !text.includes('#');

export function isHttpUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && (url.protocol === 'http:' || url.protocol === 'https:');
}
