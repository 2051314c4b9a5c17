export const maxBodyLength = 10_000;
/** How many different reactions one message holds. */
export const maxReactions = 20;

/** How many of the newest messages, files and notifications a room's state keeps. Older ones are read from the log. */
export const windowSize = 50;

export const eventPageLimit = { default: 100, max: 500 } as const;
