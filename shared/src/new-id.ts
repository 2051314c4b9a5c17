import { v7 } from 'uuid';

/** A new id whose order follows time (UUID version 7, RFC 9562), made by browser and server alike. */
export function newId(): string {
  return v7();
}
