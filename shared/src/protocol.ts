/** Grows by one whenever the shape of anything on the wire changes; a test pins the schema's hash beside it (L11). */
export const protocolVersion = 14;
