/**
 * The reason of money that goes back because both sides agreed on less. It is told as nobody's doing, so nobody may give it
 * as his own.
 */
export const agreedAnew = 'The amount was agreed anew.';
