const mark = (userId: string) => `safesend-uploads:${userId}`;

/** Whether anything is kept, without opening the store: a page with nothing to resume loads nothing for it. */
export function hasKeptUploads(userId: string): boolean {
  try {
    return localStorage.getItem(mark(userId)) !== null;
  } catch {
    return false;
  }
}

export function markKeptUploads(userId: string, any: boolean): void {
  try {
    if (any) localStorage.setItem(mark(userId), '1');
    else localStorage.removeItem(mark(userId));
  } catch {
    // Nothing to note it in, and nothing kept either.
  }
}
