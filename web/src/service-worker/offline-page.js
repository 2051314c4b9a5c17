// Stands by itself in the offline page: nothing can be fetched for it.
(() => {
  const key = 'safesend-reopened';
  const restMs = 20_000;
  const beatMs = 2_000;
  const button = document.querySelector('button');
  const status = document.querySelector('[role=status]');

  const mode = localStorage.getItem('safesend-mode') ?? 'system';
  const isDark = mode === 'dark' || (mode === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.classList.toggle('dark', isDark);

  /** The server itself is asked: what a browser believes of its network is not yet a line. */
  const isReachable = () =>
    fetch('/healthz', { method: 'HEAD', cache: 'no-store' }).then(
      ({ status }) => status < 502 || status > 504,
      () => false,
    );

  button.addEventListener('click', async () => {
    button.setAttribute('aria-busy', 'true');
    status.textContent = '';
    if (await isReachable()) return location.reload();
    status.textContent = document.body.dataset.still;
    button.removeAttribute('aria-busy');
  });

  // Nobody needs to try. An address that fails again and again is not asked for without end.
  const isTooSoon = () => Date.now() - Number(sessionStorage.getItem(key) ?? 0) < restMs;
  const beat = setInterval(async () => {
    if (isTooSoon() || !(await isReachable())) return;
    clearInterval(beat);
    sessionStorage.setItem(key, String(Date.now()));
    location.reload();
  }, beatMs);
})();
