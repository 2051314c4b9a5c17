import { expect, test } from 'vitest';
import { composeMail } from './letter.ts';

test('a mail escapes what people wrote and keeps its subject on one line', () => {
  const mail = composeMail({
    to: 'a@example.com',
    subject: 'Hello\r\nBcc: everybody@example.com',
    paragraphs: ['<script>alert(1)</script> & "more"'],
    action: { label: 'Open', url: 'https://app.example.com/verify?token=a&b="' },
  });
  expect(mail.subject).toBe('Hello Bcc: everybody@example.com');
  expect(mail.html).not.toContain('<script>');
  expect(mail.html).toContain('href="https://app.example.com/verify?token=a&amp;b=&quot;"');
  expect(mail.text).toContain('https://app.example.com/verify?token=a&b="');
});
