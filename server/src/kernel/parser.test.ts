import { expect, test } from 'vitest';
import { textParser } from './parser.ts';

const packets = {
  '0{"sid":"a"}': { type: 0, nsp: '/', data: { sid: 'a' } },
  '0': { type: 0, nsp: '/' },
  '1': { type: 1, nsp: '/' },
  '2["room.head",{"headSeq":0}]': { type: 2, nsp: '/', data: ['room.head', { headSeq: 0 }] },
  '2/other,0["room.join",{"body":"ö\u2028\\"\\\\"}]': {
    ...{ type: 2, nsp: '/other', id: 0 },
    data: ['room.join', { body: 'ö\u2028"\\' }],
  },
  '312[{"ok":true,"value":null}]': { type: 3, nsp: '/', id: 12, data: [{ ok: true, value: null }] },
  '4{"message":"no"}': { type: 4, nsp: '/', data: { message: 'no' } },
};

function read(text: unknown) {
  const seen: unknown[] = [];
  const decoder = new textParser.Decoder();
  decoder.on('decoded', (it) => seen.push(it));
  decoder.add(text);
  return seen;
}

test('L11 packets are spelled and read as the protocol of Socket.IO has it', () => {
  for (const [text, packet] of Object.entries(packets)) {
    expect(new textParser.Encoder().encode(packet)).toEqual([text]);
    expect(read(text)).toEqual([packet]);
  }
});

test('T-S9 what is no packet is refused: parts, names of the house itself, broken JSON, payloads of another kind', () => {
  const refused = ['', '7', '51-["a"]', '2', '2{}', '2[1]', '2["disconnect"]', '2["a"', '1{}', '0[]', '3{}', 'x', null];
  for (const text of [...refused, Buffer.from('2["a"]'), '4', '2/other["a"]']) expect(() => read(text)).toThrow();
});
