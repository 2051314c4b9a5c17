import PDFDocument from 'pdfkit';

/** A document of one page that opens with this password alone. */
export async function lockedPdf(password: string): Promise<Buffer> {
  const document = new PDFDocument({ userPassword: password, ownerPassword: `${password} of the owner` });
  document.text('Only for those who know').end();
  const pieces: Buffer[] = [];
  for await (const piece of document) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}
