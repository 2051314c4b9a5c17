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

export const timings: Paper = {
  name: 'timings.csv',
  content: async () =>
    Buffer.from(
      ['station,words,seconds', '1,298,141', '2,311,149', '3,274,132', '4,320,155', '5,305,147'].join('\n') + '\n',
    ),
};
