/** What a process of the product gets of ours: nothing that a setting could hide in. What another has compiled it need not. */
export const childEnv = {
  PATH: process.env['PATH'],
  ...(process.env['NODE_COMPILE_CACHE'] && { NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] }),
} as const;
