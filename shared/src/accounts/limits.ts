export const limits = {
  username: { min: 3, max: 30 },
  displayName: { min: 1, max: 80 },
  password: { min: 10, max: 200 },
  email: { max: 254 },
  headline: { max: 120 },
  bio: { max: 2_000 },
} as const;

export const usernamePattern = /^[a-z0-9](?:[a-z0-9_-]*[a-z0-9])$/;
