/** The dialog as HTML: one page, no script, nothing from elsewhere. */

import { createHash } from 'node:crypto';
import type { Permission } from '../../store/config.ts';
import type { DialogRequest } from './request.ts';

const STYLE = `
:root { color-scheme: light dark; --ink: #1c1e21; --soft: #5c636b; --paper: #fff; --back: #eef0f3; --line: #c9ced6;
  --blue: #0a5bd3; --red: #b3261e; --red-back: #fdecea; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaed; --soft: #a6adb6; --paper: #202327; --back: #131518;
  --line: #454b54; --blue: #6ea8ff; --red: #ffb4ab; --red-back: #3b1a17; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem; background: var(--back);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 26rem; padding: 2rem; background: var(--paper); border: 1px solid var(--line);
  border-radius: 0.75rem; }
h1 { margin: 0 0 0.5rem; font-size: 1.375rem; line-height: 1.25; overflow-wrap: anywhere; }
p { margin: 0 0 1rem; overflow-wrap: anywhere; } ul { margin: 0 0 1.25rem; padding-left: 1.25rem; }
.soft { color: var(--soft); font-size: 0.875rem; }
.alert { padding: 0.75rem 1rem; border-radius: 0.5rem; background: var(--red-back); color: var(--red); }
label { display: block; margin-bottom: 1rem; font-weight: 600; }
input { display: block; width: 100%; margin-top: 0.25rem; padding: 0.625rem 0.75rem; font: inherit; font-weight: 400; color: inherit;
  background: var(--paper); border: 1px solid var(--line); border-radius: 0.5rem; }
.row { display: flex; gap: 0.75rem; margin-bottom: 1rem; }
button { flex: 1; padding: 0.625rem 1rem; font: inherit; font-weight: 600; border-radius: 0.5rem; cursor: pointer;
  border: 1px solid var(--line); background: transparent; color: inherit; }
button.first { border-color: var(--blue); background: var(--blue); color: var(--paper); }
:focus-visible { outline: 3px solid var(--blue); outline-offset: 2px; }
`;

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** What each permission means to the person who gives it. */
const MEANINGS: Readonly<Record<Permission, string>> = {
  pages_messaging: 'read and answer messages to your pages',
  pages_manage_metadata: 'subscribe to what happens on your pages',
  pages_show_list: 'see which pages you work on',
  pages_read_engagement: 'read what people do on your pages',
  instagram_basic: 'see your Instagram accounts',
  instagram_manage_messages: 'read and answer messages to your Instagram accounts',
};

/**
 * The headers of every answer of the dialog: kept by nobody, shown in no frame, and nothing else is loaded or run.
 * @param backTo where a form may lead beside this server; browsers look at redirects too
 */
export const dialogHeaders = (backTo: string | null): Readonly<Record<string, string>> => ({
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy':
    `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'; ` +
    `form-action 'self'${backTo === null ? '' : ` ${new URL(backTo).origin}`}`,
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
});

/** The form, with what went wrong before; `ticket` ties it to the browser that it was shown in. */
export function renderDialog(
  request: DialogRequest,
  shown: { readonly ticket: string; readonly person: string; readonly mistake: string | null },
): string {
  const { app, redirectUri, scopes, state } = request;
  const kept = {
    client_id: app.id,
    redirect_uri: redirectUri,
    scope: scopes.join(','),
    ...(state === null ? {} : { state }),
    ticket: shown.ticket,
  };
  const hidden = Object.entries(kept).map(
    ([name, value]) => `<input type="hidden" name="${name}" value="${toHtml(value)}">`,
  );
  const [personFocus, passwordFocus] = shown.person === '' ? [' autofocus', ''] : ['', ' autofocus'];
  return page(
    `Sign in to ${app.name}`,
    `<h1>${toHtml(app.name)} would like to work on your pages</h1>
${asks(scopes)}
${shown.mistake === null ? '' : `<p class="alert" role="alert">${toHtml(shown.mistake)}</p>`}
<form method="post" action="/dialog/oauth">
${hidden.join('\n')}
<label>Your id<input name="person" inputmode="numeric" autocomplete="username" maxlength="32"
  required value="${toHtml(shown.person)}"${personFocus}></label>
<label>Password<input name="password" type="password" autocomplete="current-password" required${passwordFocus}></label>
<div class="row"><button class="first">Allow</button>
<button name="cancel" value="1" formnovalidate>Cancel</button></div>
</form>
<p class="soft">You will go back to ${toHtml(new URL(redirectUri).origin)}. It does not learn your password. What you allow can be taken back by
whoever runs this server.</p>`,
  );
}

function asks(scopes: readonly Permission[]): string {
  if (scopes.length === 0) return '<p>It asks only who you are.</p>';
  const items = scopes.map((scope) => `<li>${MEANINGS[scope]}</li>`).join('\n');
  return `<p>On the pages where you have tasks, it could:</p>\n<ul>\n${items}\n</ul>`;
}

/** When there is nothing that could be allowed. */
export const renderMistake = (sentence: string): string =>
  page(
    'This cannot be done',
    `<h1>This cannot be done</h1>\n<p class="alert" role="alert">${toHtml(sentence)}</p>
<p class="soft">Nothing was allowed. Go back, and tell those who made the app.</p>`,
  );

const page = (title: string, body: string): string =>
  `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${toHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const toHtml = (text: string): string => text.replace(/[&<>"']/g, (each) => ENTITIES[each] ?? each);
