import { expect, test } from 'vitest';
import { canonicalJson } from './canonical.ts';

test('L10 one value has one spelling (RFC 8785): keys by UTF-16 units, numbers and strings as ECMAScript writes them', () => {
  const value = {
    '\u20ac': 1,
    '\r': 2,
    '\ufb33': 3,
    '1': 4,
    '\ud83d\ude00': 5,
    '\u0080': 6,
    ö: 7,
    n: [56.0, 1e21, -0, 0.000001, 1e-7],
    u: undefined,
  };
  expect(canonicalJson(value)).toBe(
    '{"\\r":2,"1":4,"n":[56,1e+21,0,0.000001,1e-7],"\u0080":6,"ö":7,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}',
  );
});

test('L10 the order in which members were written does not matter', () => {
  expect(canonicalJson({ b: { d: 1, c: [true, null] }, a: 'x' })).toBe(
    canonicalJson({ a: 'x', b: { c: [true, null], d: 1 } }),
  );
});

test('L10 a value whose members are in order already is spelled like every other one', () => {
  // The language lists keys that are numbers by their size, the one spelling by their text.
  expect(canonicalJson({ 9: 'a', 10: 'b' })).toBe('{"10":"b","9":"a"}');
  expect(canonicalJson([{ a: { 9: 1, 10: undefined } }])).toBe('[{"a":{"9":1}}]');
  expect(canonicalJson({ a: 1, b: { c: ['\u2028', -0, null], d: undefined } })).toBe(
    '{"a":1,"b":{"c":["\u2028",0,null]}}',
  );
  expect(canonicalJson({ a: { toJSON: 'a member like any other' }, b: 1 })).toBe(
    '{"a":{"toJSON":"a member like any other"},"b":1}',
  );
});
