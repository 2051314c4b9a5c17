/** Is there a line to the server at all? Asked before a page is loaded anew: without one the browser puts a page of its own there. */
export async function isReachable(): Promise<boolean> {
  return fetch('/healthz', { method: 'HEAD', cache: 'no-store' }).then(
    () => true,
    () => false,
  );
}
