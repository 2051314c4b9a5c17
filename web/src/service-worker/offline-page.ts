import { m } from '#lib/paraglide/messages.js';
import { baseLocale, locales } from '#lib/paraglide/runtime.js';
import mark from '../../static/favicon.svg?raw';
import colors from '../styles/colors.css?raw';
import style from './offline-page.css?raw';
import script from './offline-page.js?raw';

/** The one document that needs no line: what is wrong, and back to the address that was asked for as soon as there is one. */
export function offlinePage(): Response {
  const locale = locales.find((it) => navigator.languages.includes(it)) ?? baseLocale;
  const said = <Key extends keyof typeof texts>(key: Key) => escaped(texts[key]({}, { locale }));
  const nonce = crypto.randomUUID();
  const html = `<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<title>${said('heading')} · SafeSend</title>
<style nonce="${nonce}">${colors}${style}</style>
</head>
<body data-still="${said('still')}">
<main>
<div class="brand">${mark} SafeSend</div>
<h1>${said('heading')}</h1>
<p>${said('text')}</p>
<p>${said('waiting')}</p>
<button type="button">${said('retry')}</button>
<p role="status"></p>
</main>
<script nonce="${nonce}">${script}</script>
</body>
</html>`;
  const policy = [
    "default-src 'none'",
    `style-src 'nonce-${nonce}'`,
    `script-src 'nonce-${nonce}'`,
    "connect-src 'self'",
    "img-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return new Response(html, {
    status: 503,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy.join('; '),
      'cache-control': 'no-store',
    },
  });
}

const texts = {
  heading: m.error_offline,
  text: m.problem_offline,
  waiting: m.error_offline_waiting,
  still: m.error_offline_still,
  retry: m.ui_retry,
};

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
