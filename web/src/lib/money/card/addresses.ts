/** Where cards are taken: each a document of its own, because a policy belongs to a document (ADR 15). */
export const saveCardHref = '/pay/card';
export const payHref = (paymentId: string) => `/pay/${paymentId}`;

/** Goes to another document; answers only when the person comes back to this one. */
export function leaveFor(href: string): Promise<void> {
  const back = new Promise<void>((resolve) => addEventListener('pageshow', () => resolve(), { once: true }));
  location.assign(href);
  return back;
}
