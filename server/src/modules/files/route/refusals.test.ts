import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as files from '@safesend/shared/files/calls.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { credentials, drop, getContent, mustDrop, openUpload, tus, uploadIdOf } from '../../../../test/drops.ts';
import { projectOf, signUp, type Person, type TestApp } from '../../../../test/harness.ts';
import { startedOnEveryStore } from '../../../../test/stored-room.ts';

startedOnEveryStore((start) => {
  const mebibyte = 1024 ** 2;
  let app: TestApp;
  let client: Person;
  let freelancer: Person;
  let roomId: string;

  beforeAll(async () => {
    app = await start({ MAX_FILE_BYTES: String(16 * mebibyte) });
    [client, freelancer] = await Promise.all([signUp(app, 'client'), signUp(app, 'freelancer')]);
    ({ roomId } = await projectOf(client, freelancer));
  });
  afterAll(() => app.close());

  const staged = () => readdir(join(app.dataDir, 'staging'));
  const usedBy = async (person: Person) => (await person.must(files.getStorage, { params: { roomId } })).mine.usedBytes;

  test('UX 26 T-B22 what is too large, or more than is left, is refused before it is sent, and comes back when it ends', async () => {
    const refused = await drop(freelancer, { roomId, size: 16 * mebibyte + 1 });
    expect(refused.status).toBe(413);
    expect(refused.text).toContain(String(16 * mebibyte));
    // So that there is a row of what he has.
    await mustDrop(freelancer, { roomId });
    const before = await usedBy(freelancer);
    await app.sql('update storage_usage set limit_bytes = bytes + 1000 where owner_id = $1', [freelancer.id]);
    const opened = await openUpload(freelancer, { roomId, size: 900 });
    expect(opened.status).toBe(201);
    const full = await drop(freelancer, { roomId, size: 101 });
    expect({ status: full.status, text: full.text }).toMatchObject({
      status: 413,
      text: expect.stringContaining('100 bytes') as string,
    });
    expect((await drop(client, { roomId })).status).toBe(204);
    // Twenty at once share the last bytes and no more.
    const many = await Promise.all(Array.from({ length: 20 }, () => openUpload(freelancer, { roomId, size: 20 })));
    expect(many.filter(({ status }) => status === 201)).toHaveLength(5);
    for (const upload of [opened, ...many.filter(({ status }) => status === 201)]) {
      const path = `${freelancer.base}/api/v1/uploads/${uploadIdOf(upload)}`;
      await fetch(path, { method: 'DELETE', headers: { ...credentials(freelancer), ...tus } });
    }
    expect(await usedBy(freelancer)).toBe(before);
    await app.sql('update storage_usage set limit_bytes = null');
  });

  const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
  test.each([
    ['a program under a picture’s name', 'photo.png', Buffer.from('MZ\0\0')],
    ['text under a picture’s name', 'photo.png', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    ['nothing under a picture’s name', 'photo.jpg', Buffer.alloc(0)],
    ['a picture under a text’s name', 'notes.txt', png],
    ['bytes under a text’s name', 'page.html', Buffer.from([0, 1, 2, 3])],
    ['bytes without a zero under a text’s name', 'notes.txt', Buffer.from('fd01fe02', 'hex')],
    ['bytes under a text’s name and the mark of a text', 'notes.txt', Buffer.from('fffe000001000200', 'hex')],
    [
      'a drawing that no browser reads',
      'logo.svg',
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg">\xfc</svg>', 'latin1'),
    ],
    ['no drawing under a drawing’s name', 'logo.svg', Buffer.from('just words')],
    ['an archive under a document’s name', 'report.pdf', Buffer.from('504b0304', 'hex')],
    ['a program by its last name', 'invoice.pdf.exe', Buffer.from('MZ')],
  ])('T-B17 %s is refused, and leaves nothing', async (_, name, content) => {
    const before = await usedBy(freelancer);
    const { status, text, uploadId } = await drop(freelancer, { roomId, name, content });
    expect({ status, code: (JSON.parse(text) as { code: string }).code }).toEqual({ status: 415, code: 'unsupported' });
    expect(await usedBy(freelancer)).toBe(before);
    expect(await staged()).not.toContain(uploadId);
  });

  test.each([
    [
      'one byte a letter, as tables come out of Excel',
      'offer.csv',
      Buffer.from('Preis;f\xfcr 5 \x80\r\n', 'latin1'),
      'text/csv',
    ],
    ['another alphabet of one byte', 'письмо.txt', Buffer.from('cff0e8e2e5f20d0a', 'hex'), 'text/plain'],
    ['two bytes a letter', 'notes.txt', Buffer.from('fffe47007200fc00df0065000a00', 'hex'), 'text/plain'],
    ['two bytes a letter the other way round', 'notes.log', Buffer.from('feff004700fc000a', 'hex'), 'text/plain'],
    ['words that begin as a picture does', 'offer.txt', Buffer.from('BMW, with four wheels'), 'text/plain'],
    ['words that begin as a program does', 'notes.md', Buffer.from('MZ-2024 is the number'), 'text/markdown'],
  ])('UX 28 H04 text in %s is taken as text', async (_, name, content, type) => {
    const { fileId } = await mustDrop(freelancer, { roomId, name, content });
    const { file } = await client.must(files.getFile, { params: { fileId } });
    expect(file.current).toMatchObject({ kind: 'text', type });
  });

  test.each([
    ['../../etc/passwd', 'passwd'],
    ['..\\..\\boot.ini', 'boot.ini'],
    ['/absolute/name.txt', 'name.txt'],
    ['%2e%2e%2fname.txt', '%2e%2e%2fname.txt'],
    ['nul\0byte.txt', 'nulbyte.txt'],
    ['CON', 'CON'],
    ['..', 'unnamed'],
    ['.hidden', '.hidden'],
    ['-rf', '-rf'],
    ['two\r\nlines\u2028here.txt', 'twolineshere.txt'],
    ['invoice\u202efdp.txt', 'invoicefdp.txt'],
    [`${'ü'.repeat(300)}.txt`, `${'ü'.repeat(125)}.txt`],
    ['"quoted"; filename=evil.txt', '"quoted"; filename=evil.txt'],
    // The same word, whichever way a keyboard or a file system puts its letters together.
    ['u\u0308bung.txt', '\u00fcbung.txt'],
  ])('T-B14 T-B18 T-B31 the name %j is shown harmlessly and stored under another', async (given, shown) => {
    const { fileId } = await mustDrop(freelancer, { roomId, name: given });
    const { file } = await client.must(files.getFile, { params: { fileId } });
    expect(file.name).toBe(shown);
    const [object] = await app.sql<{ storage_key: string }>(
      `select o.storage_key from file_objects o join file_versions v on v.object_id = o.id where v.file_id = $1`,
      [fileId],
    );
    expect(object?.storage_key).toMatch(/^objects\/[0-9a-f]{2}\/[0-9a-f]{64}\.[0-9a-f-]{36}$/);
    const { headers } = await getContent(client, fileId);
    const disposition = headers.get('content-disposition') ?? '';
    expect(disposition).toMatch(
      /^attachment; filename="[ !#-:<-[\]-~]*"; filename\*=UTF-8''[A-Za-z0-9%!#$&+.^_`|~-]*$/,
    );
    expect(decodeURIComponent(disposition.split("UTF-8''")[1] ?? '')).toBe(shown);
  });

  test.each([
    ['site/img/logo.txt', 'logo.txt', 'site/img/logo.txt'],
    ['../../etc/logo.txt', 'logo.txt', 'etc/logo.txt'],
    ['C:\\work\\logo.txt', 'logo.txt', 'C:/work/logo.txt'],
    ['null', 'logo.txt', 'logo.txt'],
    ['site/other.txt', 'logo.txt', 'logo.txt'],
  ])(
    'UX 21 T-B14 what came as %j keeps its folders, leads nowhere else, and is saved under its name',
    async (path, name, shown) => {
      const { fileId } = await mustDrop(freelancer, { roomId, name, path });
      expect((await client.must(files.getFile, { params: { fileId } })).file.name).toBe(shown);
      const { headers } = await getContent(client, fileId);
      expect(headers.get('content-disposition')).toBe(`attachment; filename="${name}"; filename*=UTF-8''${name}`);
    },
  );
});
