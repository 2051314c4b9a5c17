/** Said by what stands before a server that is not there. */
export function isGatewaysOwn({ status }: Response): boolean {
  return status >= 502 && status <= 504;
}

/** Is there a line to the server at all? Asked before a page is loaded anew: without one the browser puts a page of its own there. */
export async function isReachable(): Promise<boolean> {
  return fetch('/healthz', { method: 'HEAD', cache: 'no-store', signal: AbortSignal.timeout(patienceMs) }).then(
    (answer) => !isGatewaysOwn(answer),
    () => false,
  );
}

/** A network that is gone may say nothing at all. */
const patienceMs = 8_000;

const retryPause = { online: 2_000, offline: 15_000 };

/**
 * Soon where the browser believes in its network, or with the event that says that it is there again; now and then in any case:
 * a server on the same machine needs none.
 */
export function lineIsBack(): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(over, retryPause[navigator.onLine ? 'online' : 'offline']);
    addEventListener('online', over, { once: true });
    function over() {
      clearTimeout(timer);
      removeEventListener('online', over);
      resolve();
    }
  });
}
