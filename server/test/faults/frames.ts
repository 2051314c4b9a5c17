import type { Sieve } from './tcp-proxy.ts';

/** Loses whole WebSocket frames with events and answers in them; what opens and keeps a connection passes. */
export function losing(share: () => number, random: () => number): Sieve {
  return () => {
    let rest = Buffer.alloc(0);
    let kind: 'unknown' | 'http' | 'websocket' = 'unknown';
    return (chunk) => {
      if (kind === 'http') return chunk;
      rest = Buffer.concat([rest, chunk]);
      const out: Buffer[] = [];
      if (kind === 'unknown') {
        const end = rest.indexOf('\r\n\r\n');
        if (end < 0) return Buffer.alloc(0);
        kind = rest.subarray(0, end).toString('latin1').startsWith('HTTP/1.1 101') ? 'websocket' : 'http';
        if (kind === 'http') return rest;
        out.push(rest.subarray(0, end + 4));
        rest = rest.subarray(end + 4);
      }
      for (let length = frameLength(rest); length !== null; length = frameLength(rest)) {
        const frame = rest.subarray(0, length);
        if (!isMessage(frame) || random() >= share()) out.push(frame);
        rest = rest.subarray(length);
      }
      return Buffer.concat(out);
    };
  };
}

/** The server's frames are never masked and never in parts. Null: it is not all here yet. */
function frameLength(bytes: Buffer): number | null {
  const short = (bytes[1] ?? 0) & 0x7f;
  const start = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < start) return null;
  const body = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  return bytes.length < start + body ? null : start + body;
}

/** A Socket.IO event (42) or acknowledgement (43). */
function isMessage(frame: Buffer): boolean {
  const short = (frame[1] ?? 0) & 0x7f;
  const start = short < 126 ? 2 : short === 126 ? 4 : 10;
  return /^4[23]/.test(frame.subarray(start, start + 2).toString('latin1'));
}
