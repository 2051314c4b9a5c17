const prefix = 'safesend-draft';

const nameOf = (userId: string, roomId: string) => `${prefix}:${userId}:${roomId}`;

/** Text not sent yet, kept on this device per person and room. A full or forbidden store loses only the keeping. */
export function readDraft(userId: string, roomId: string): string {
  try {
    return localStorage.getItem(nameOf(userId, roomId)) ?? '';
  } catch {
    return '';
  }
}

export function keepDraft(userId: string, roomId: string, text: string): void {
  try {
    if (text === '') localStorage.removeItem(nameOf(userId, roomId));
    else localStorage.setItem(nameOf(userId, roomId), text);
  } catch {
    // Nothing to keep it in; the text is still in the composer.
  }
}

/** Says what another tab of this person makes of it: there is one draft, wherever it is written and sent. */
export function followDraft(userId: string, roomId: string, changed: (text: string) => void): () => void {
  // What it said may be over when it is heard: what was written here meanwhile stands.
  const hear = ({ key }: StorageEvent) => {
    if (key === nameOf(userId, roomId)) changed(readDraft(userId, roomId));
  };
  addEventListener('storage', hear);
  return () => removeEventListener('storage', hear);
}
