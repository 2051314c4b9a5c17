import { getDocument, GlobalWorkerOptions, type PDFDocumentProxy } from 'pdfjs-dist';
// From our own origin: the policy of our pages lets no other worker run.
import workerUrl from 'pdfjs-dist/build/pdf.worker.min.mjs?url';

export interface OpenPdf {
  readonly document: PDFDocumentProxy;
  close(): void;
}

export async function openPdf(bytes: ArrayBuffer): Promise<OpenPdf> {
  GlobalWorkerOptions.workerSrc = workerUrl;
  // WebAssembly would need a wider policy; what it speeds up is drawn without it.
  const task = getDocument({ data: new Uint8Array(bytes), useWasm: false, enableXfa: false });
  const close = () => void task.destroy();
  try {
    return { document: await task.promise, close };
  } catch (problem) {
    close();
    throw problem;
  }
}
