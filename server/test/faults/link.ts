/** The question got no answer: nobody knows whether it was carried out. */
export class LinkLost extends Error {}

/** The server answered no. */
export class Refusal extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}
