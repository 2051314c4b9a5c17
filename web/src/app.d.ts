declare global {
  namespace App {
    interface PageState {
      /** How many layers lie above the page. */
      layers?: number;
    }
    interface Error {
      status: number;
      message: string;
      code?: string | undefined;
      requestId?: string | undefined;
    }
  }
}

export {};
