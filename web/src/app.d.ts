declare global {
  namespace App {
    interface Error {
      status: number;
      message: string;
      code?: string | undefined;
      requestId?: string | undefined;
    }
  }
}

export {};
