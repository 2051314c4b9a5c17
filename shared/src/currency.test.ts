import { describe, expect, it } from 'vitest';
import { decimalOf, parseAmount, type Currency } from './currency.ts';

describe('I02 UX 31 what somebody types as an amount', () => {
  it.each<[string, Currency, string]>([
    ['1234', 'EUR', '1234.00'],
    ['80.5', 'EUR', '80.50'],
    ['80,50', 'EUR', '80.50'],
    ['1,234.50', 'EUR', '1234.50'],
    ['1.234,50', 'EUR', '1234.50'],
    ['1 234,50', 'EUR', '1234.50'],
    ["1'234.50", 'CHF', '1234.50'],
    ['1,234', 'EUR', '1234.00'],
    ['1,234,567', 'JPY', '1234567'],
    ['1.234.567', 'EUR', '1234567.00'],
    ['12.345', 'KWD', '12.345'],
    ['0.125', 'KWD', '0.125'],
    ['0,125', 'KWD', '0.125'],
    ['1,233.990', 'KWD', '1233.990'],
    ['1.233,990', 'KWD', '1233.990'],
    ['0', 'EUR', '0.00'],
  ])('%s %s is %s', (text, currency, amount) => {
    const minor = parseAmount(text, currency);
    expect(minor === null ? null : decimalOf(minor, currency)).toBe(amount);
  });

  it.each<[string, Currency]>([
    ['12.345', 'EUR'],
    ['900.505', 'EUR'],
    ['0.125', 'EUR'],
    ['0,125', 'EUR'],
    ['1.234', 'JPY'],
    ['80.50', 'JPY'],
    ['1,234', 'KWD'],
    ['1,234.505', 'EUR'],
    ['1234,567', 'EUR'],
    ['1,23,456', 'EUR'],
    ['1.234.56', 'EUR'],
    ['1,234.', 'EUR'],
    ['.5', 'EUR'],
    ['', 'EUR'],
    ['-5', 'EUR'],
    ['1e9', 'EUR'],
    ['99999999999999999', 'EUR'],
  ])('%s %s could mean something else, and is asked for again', (text, currency) => {
    expect(parseAmount(text, currency)).toBeNull();
  });
});
