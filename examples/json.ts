/** JSON over HTTP; an answer that is no success is an error. */

export const getJson = <Body>(url: string): Promise<Body> => fetchJson<Body>(url, {});

export const postJson = <Body = unknown>(url: string, body: object = {}): Promise<Body> =>
  fetchJson<Body>(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

async function fetchJson<Body>(url: string, init: RequestInit): Promise<Body> {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Body;
}
