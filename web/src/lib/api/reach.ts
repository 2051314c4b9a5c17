/** Is there a line to the server at all? Asked before a page is loaded anew: without one the browser puts a page of its own there. */
export async function isReachable(): Promise<boolean> {
  return fetch('/healthz', { method: 'HEAD', cache: 'no-store' }).then(
    () => true,
    () => false,
  );
}

const retryPause = 2_000;

/** Soon where the browser believes in its network, or with the event that says that it is there again. */
export function lineIsBack(): Promise<void> {
  return new Promise((resolve) => {
    const timer = navigator.onLine ? setTimeout(over, retryPause) : undefined;
    addEventListener('online', over, { once: true });
    function over() {
      clearTimeout(timer);
      removeEventListener('online', over);
      resolve();
    }
  });
}
