/** Without it spreadsheets read the file in the code page of the machine. */
const utf8Mark = '\ufeff';

/** Comma-separated, as RFC 4180 has it, with the mark of UTF-8 in front. */
export function csvOf(rows: readonly (readonly string[])[]): string {
  return utf8Mark + rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/** In front of these a spreadsheet looks for a formula, in any width. */
const formula = '[=+\\-@\uff1d\uff0b\uff0d\uff20\\t\\r]';
/** Where a cell begins: also behind the semicolon that divides cells where the comma is in numbers. */
const formulaAhead = new RegExp(`(^|;)(?=["\\s]*${formula})`, 'g');

/** What a spreadsheet would take for a formula is told to be text; a signed number is none. */
function cell(text: string): string {
  const safe = /^-?\d+(\.\d+)?$/.test(text) ? text : text.replace(formulaAhead, "$1'");
  return /[";,\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
