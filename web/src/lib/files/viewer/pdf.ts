import { getDocument, GlobalWorkerOptions, PasswordResponses, VerbosityLevel, type PDFDocumentProxy } from 'pdfjs-dist';
// From our own origin: the policy of our pages lets no other worker run.
import workerUrl from 'pdfjs-dist/build/pdf.worker.min.mjs?url';

/** Called each time a document wants a password, with what takes it; was the one before wrong? */
export type OnLocked = (unlock: (password: string) => void, wasWrong: boolean) => void;

/** Waits for the password of a document that has one. What cannot be read, fails; nothing stays after `leaving`. */
export async function openPdf(bytes: ArrayBuffer, onlocked: OnLocked, leaving: AbortSignal): Promise<PDFDocumentProxy> {
  GlobalWorkerOptions.workerSrc = workerUrl;
  // WebAssembly would need a wider policy; what it speeds up is drawn without it.
  const task = getDocument({
    data: new Uint8Array(bytes),
    useWasm: false,
    enableXfa: false,
    verbosity: VerbosityLevel.ERRORS,
  });
  task.onPassword = (unlock: (password: string) => void, reason: number) =>
    onlocked(unlock, reason === PasswordResponses.INCORRECT_PASSWORD);
  const close = () => void task.destroy();
  leaving.addEventListener('abort', close, { once: true });
  try {
    return await task.promise;
  } catch (problem) {
    close();
    throw problem;
  }
}
