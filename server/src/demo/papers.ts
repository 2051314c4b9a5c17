import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import PDFDocument from 'pdfkit';
import sharp from 'sharp';

/** A file that somebody in the demo drops. */
export interface Paper {
  readonly name: string;
  content(): Promise<Buffer>;
}

const stations = [
  [120, 470],
  [210, 380],
  [330, 410],
  [430, 330],
  [400, 200],
  [530, 140],
  [640, 220],
  [620, 350],
  [740, 430],
  [850, 330],
  [830, 190],
] as const;

const path = stations.map(([x, y], at) => `${at === 0 ? 'M' : 'L'}${x} ${y}`).join(' ');
const dots = stations.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="22"/>`).join('');
const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="960" height="600">
  <rect width="960" height="600" fill="#f4efe4"/>
  <path d="M60 540 V90 H480 V60 H900 V540 Z" fill="none" stroke="#1f3a4d" stroke-width="10"/>
  <path d="M480 90 V250 M480 420 V540 M700 60 V130" stroke="#1f3a4d" stroke-width="10"/>
  <path d="${path}" fill="none" stroke="#c4562f" stroke-width="8" stroke-linejoin="round" stroke-dasharray="2 16" stroke-linecap="round"/>
  <g fill="#c4562f">${dots}</g></svg>`;

export const mapSketch: Paper = {
  name: 'map-sketch.png',
  content: () => sharp(Buffer.from(drawing)).png().toBuffer(),
};

export const outline: Paper = {
  name: 'stations-9-to-11.md',
  content: async () =>
    Buffer.from(`# Stations 9 to 11, outline

## 9. The tide table of 1871

In front of you: a printed sheet, folded four times, with pencil marks in two hands.
One thing to remember: somebody corrected the printer, and was right.
Sources: harbour office, box 14; the letter of 3 March 1872.

## 10. The pilot's coat

In front of you: oiled cloth, a repaired left sleeve.
One thing to remember: the repair is younger than the coat by thirty years.
Sources: conservation report, dates to be confirmed.

## 11. The model of the lock

In front of you: pear wood, brass, one missing gate.
One thing to remember: it was made to convince the council, and did.
Sources: minutes of the council, 1893.
`),
};

const bags = [
  ['Kenya', 'Kiambu AA', '#8c2f39', 'blackcurrant, tomato leaf'],
  ['Espresso 1', 'House blend', '#2f4858', 'hazelnut, dark cocoa'],
  ['Espresso 2', 'Late shift', '#c08a3e', 'caramel, orange peel'],
] as const;

const labels = bags.map(
  ([name, lot, colour, taste], at) => `<g transform="translate(${60 + at * 300} 60)">
    <rect width="260" height="480" rx="14" fill="#ffffff"/>
    <path d="M0 14 a14 14 0 0 1 14 -14 H246 a14 14 0 0 1 14 14 V190 H0 Z" fill="${colour}"/>
    <g fill="none" stroke="#f3efe8" stroke-width="5" stroke-linecap="round">
      <ellipse cx="130" cy="96" rx="46" ry="62" transform="rotate(28 130 96)"/>
      <path d="M108 44 C150 78 104 112 152 150"/></g>
    <g font-family="sans-serif" fill="#1b1a17"><text x="24" y="250" font-size="36" font-weight="700">${name}</text>
      <text x="24" y="288" font-size="20">${lot}</text><text x="24" y="420" font-size="16">${taste}</text>
      <text x="24" y="448" font-size="16">250 g, whole bean</text></g>
    <path d="M24 320 H236" stroke="${colour}" stroke-width="3"/></g>`,
);

export const labelsForScreen: Paper = {
  name: 'labels-for-screen.png',
  content: () =>
    sharp(
      Buffer.from(
        `<svg xmlns="http://www.w3.org/2000/svg" width="980" height="600"><rect width="980" height="600" fill="#f3efe8"/>${labels.join('')}</svg>`,
      ),
    )
      .png()
      .toBuffer(),
};

export const shippingRates: Paper = {
  name: 'shipping-rates.csv',
  content: async () =>
    Buffer.from('country,up_to_kg,price_eur,free_from_eur\nSE,2,5.90,60\nDK,2,8.90,80\nDE,2,11.90,150\n'),
};

export const timings: Paper = {
  name: 'timings.csv',
  content: async () =>
    Buffer.from(
      ['station,words,seconds', '1,298,141', '2,311,149', '3,274,132', '4,320,155', '5,305,147'].join('\n') + '\n',
    ),
};

const stationNames = [
  'The fog signal',
  'The pilot station',
  'The harbour master’s desk',
  'Ropes and knots',
  'The ice winter of 1888',
  'The dredger',
  'The letters',
  'The crane',
  'The tide table of 1871',
  'The pilot’s coat',
  'The model of the lock',
];

/** The outline as it is handed in: two sheets with a list that one can tick off. */
export const bookletOutline: Paper = {
  name: 'audio-guide-outline.pdf',
  content: () => {
    const info = { Title: 'Audio guide, outline', CreationDate: new Date('2026-01-12T09:00:00Z') };
    const pdf = new PDFDocument({ size: 'A4', margin: 64, info });
    for (const name of ['Regular', 'SemiBold'])
      pdf.registerFont(name, readFileSync(join(import.meta.dirname, `../../assets/fonts/Inter-${name}.ttf`)));
    const parts: Buffer[] = [];
    pdf.on('data', (part: Buffer) => parts.push(part));
    pdf.rect(0, 0, 596, 14).fill('#c4562f');
    pdf.fillColor('#1f3a4d').font('SemiBold').fontSize(26).text('Audio guide', 64, 72);
    pdf
      .font('Regular')
      .fontSize(13)
      .fillColor('#5b6472')
      .text('Outline of all stations, with their sources')
      .moveDown(1.6);
    for (const [at, name] of stationNames.entries()) {
      pdf
        .font('SemiBold')
        .fontSize(13)
        .fillColor('#1f3a4d')
        .text(`${at + 1}. ${name}`);
      pdf.font('Regular').fontSize(11).fillColor('#30343b');
      pdf.text('What one sees, one thing to remember, and where it is written down.', { lineGap: 3 }).moveDown(0.9);
    }
    pdf.addPage().font('SemiBold').fontSize(16).fillColor('#1f3a4d').text('Sources').moveDown(0.6);
    pdf.font('Regular').fontSize(11).fillColor('#30343b');
    pdf.text(
      'Harbour office, boxes 9 to 14. Minutes of the council, 1871 to 1893. Conservation reports of the museum.',
      {
        lineGap: 3,
      },
    );
    pdf.end();
    return new Promise((made) => pdf.once('end', () => made(Buffer.concat(parts))));
  },
};
